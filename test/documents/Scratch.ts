/** A directory of our own with the bundled command, where the examples of documents are run. */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { build } from "esbuild"

export interface Ran {
  readonly exitCode: number
  /** What was printed on stdout and stderr together, in order. */
  readonly printed: string
}

const REQUIRE =
  'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);'
const BUNDLED = {
  banner: { js: REQUIRE },
  bundle: true,
  format: "esm",
  logLevel: "error",
  platform: "node",
  target: "node22"
} as const

/** Bundles the command as the build does, from the sources as they are. */
export const makeScratch = async (root: string): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "docs-"))
  const entrypoints = join(root, "packages/entrypoints")
  await build({
    ...BUNDLED,
    absWorkingDir: entrypoints,
    entryPoints: ["src/cli/main.ts"],
    outdir: join(directory, "cli"),
    splitting: true
  })
  // The one file that workflows vendor, where the command looks for it.
  await build({
    absWorkingDir: entrypoints,
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    bundle: true,
    define: { "import.meta.url": "bundleUrl" },
    entryPoints: ["src/action/main.ts"],
    format: "cjs",
    logLevel: "error",
    outfile: join(directory, "action/batchbrake.cjs"),
    platform: "node",
    target: "node22"
  })
  await mkdir(join(directory, "bin"))
  const start = `#!/bin/sh\nexec "${process.execPath}" "${join(directory, "cli/main.js")}" "$@"\n`
  await writeFile(join(directory, "bin/batchbrake"), start, { mode: 0o755 })
  await writeFile(join(directory, "cli/package.json"), '{ "type": "module" }\n')
  return directory
}

export const removeScratch = (directory: string): Promise<void> => rm(directory, { force: true, recursive: true })

const environment = (scratch: string, home: string): Record<string, string> => ({
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  HOME: home,
  LC_ALL: "C.UTF-8",
  NODE_COMPILE_CACHE: join(scratch, "compiled"),
  PATH: [join(scratch, "bin"), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
  TMPDIR: home
})

const end = (file: string, args: ReadonlyArray<string>, cwd: string, env: Record<string, string>): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(file, [...args], { cwd, env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({
        exitCode: error === null ? 0 : typeof error.code === "number" ? error.code : 1,
        printed: stdout + stderr
      })
    })
    child.stdin?.end()
  })

/** Runs shell blocks one after the other. The directory that one ends in is where the next begins; nothing else stays. */
export const makeShell = async (scratch: string): Promise<(block: string) => Promise<Ran>> => {
  const home = await mkdtemp(join(scratch, "home-"))
  const place = join(home, ".place")
  await writeFile(place, home)
  return async (block) => {
    const script = `exec 2>&1\ntrap 'pwd > "${place}"' EXIT\n${block}`
    const cwd = (await readFile(place, "utf8")).trim()
    return end("bash", ["--norc", "-euo", "pipefail", "-c", script], cwd, environment(scratch, home))
  }
}

/** Runs a TypeScript block as a program that has this workspace's packages at hand. */
export const runTypeScript = async (scratch: string, root: string, name: string, contents: string): Promise<Ran> => {
  const outfile = join(scratch, `${name}.mjs`)
  await build({ ...BUNDLED, outfile, stdin: { contents, loader: "ts", resolveDir: root } })
  return end(process.execPath, [outfile], scratch, environment(scratch, scratch))
}
