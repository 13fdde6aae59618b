/** The tests of core as one script that can be evaluated again and again: each time every module begins afresh. */
import { readFile } from "node:fs/promises"
import { dirname, join, relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { build, type Metafile, type Plugin, stop } from "esbuild"

export interface Bundle {
  /** A function's body; its parameters are `require` and `files`, which it fills with what loads each test file. */
  readonly script: string
  /** The test files that load a source file, by its path in the tree. */
  readonly testsOf: ReadonlyMap<string, ReadonlyArray<string>>
}

/** A bundle is nobody's file: what a test reads beside itself is found from where the test stands. */
const placed: Plugin = {
  name: "placed",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8"))
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
      loader: "ts"
    }))
  }
}

const loadersOf = ({ inputs }: Metafile, tests: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const loaders = new Map<string, Array<string>>()
  for (const test of tests) {
    const seen = new Set([test])
    for (const path of seen) {
      for (const { external, path: imported } of inputs[path]?.imports ?? []) if (external !== true) seen.add(imported)
    }
    for (const path of seen) loaders.set(path, [...(loaders.get(path) ?? []), test])
  }
  return loaders
}

export const bundleTests = async (root: string, tests: ReadonlyArray<string>): Promise<Bundle> => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    alias: { "@batchbrake/core": join(root, "packages/core/src") },
    bundle: true,
    external: ["ajv", "effect", "fast-check", "vitest"],
    format: "cjs",
    logLevel: "error",
    metafile: true,
    platform: "node",
    plugins: [placed],
    stdin: {
      contents: tests.map((test) => `files.set("${test}", () => require("./${test}"))`).join("\n"),
      resolveDir: root
    },
    write: false
  })
  await stop()
  const text = outputFiles.map((file) => file.text).join("\n")
  return {
    script: text,
    testsOf: loadersOf(
      metafile,
      tests.map((test) => relative(root, resolve(root, test)))
    )
  }
}
