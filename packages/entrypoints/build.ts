import { readdir, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { basename, join, resolve } from "node:path"
import { build, type Plugin } from "esbuild"
import { BUNDLE } from "./src/action/renderAction.ts"

/**
 * Bundles the command for a quick start, since every CI job pays for it: one CommonJS file a verb, which holds that verb
 * alone, and `main.cjs` with all of them for help and for what is no verb. CommonJS, because importing one of node's own
 * modules from an ES module runs all of its lazy getters. The Worker becomes one ES module beside them. Another directory
 * than `dist/cli` may be named.
 */
const VERBS = "src/cli/verb"
const outdir = resolve(import.meta.dirname, process.argv[2] ?? "dist/cli")

/** Modules of node's that take milliseconds to load and that most starts never use. */
const SLOW = /^node:(?:child_process|crypto|fs\/promises|os|stream\/consumers|zlib)$/

const require = createRequire(import.meta.url)

/** Each function of such a module as one that loads it when it is called. */
const loadedWhenUsed: Plugin = {
  name: "loaded-when-used",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: SLOW }, ({ namespace, path }) =>
      namespace === "slow" ? { external: true, path } : { namespace: "slow", path }
    )
    onLoad({ filter: SLOW, namespace: "slow" }, ({ path }) => {
      const own: Readonly<Record<string, unknown>> = require(path)
      const names = Object.keys(own).filter((name) => /^[a-z]\w*$/i.test(name) && typeof own[name] === "function")
      const name = JSON.stringify(path)
      return {
        contents: names.map((each) => `export const ${each} = (...a) => require(${name}).${each}(...a)`).join("\n")
      }
    })
  }
}

/** The Action: one file with every verb, the step, and what comes behind the job. Workflows vendor it. */
const bundleAction = (directory: string): Promise<unknown> =>
  build({
    absWorkingDir: import.meta.dirname,
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    bundle: true,
    define: { "import.meta.url": "bundleUrl" },
    entryPoints: ["src/action/main.ts"],
    format: "cjs",
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    outfile: join(directory, BUNDLE),
    platform: "node",
    target: "node24"
  })

/** Leaves every verb but one out of the table of verbs. */
const only = (verb: string): Plugin => ({
  name: "only-one-verb",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /\/verb\// }, ({ importer, path }) =>
      basename(importer) === "verbs.ts" && basename(path, ".ts") !== verb ? { namespace: "left-out", path } : undefined
    )
    onLoad({ filter: /./, namespace: "left-out" }, () => ({ contents: "" }))
  }
})

const bundle = (name: string, plugins: ReadonlyArray<Plugin>): Promise<unknown> =>
  build({
    absWorkingDir: import.meta.dirname,
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    bundle: true,
    define: { "import.meta.url": "bundleUrl" },
    entryPoints: ["src/cli/main.ts"],
    format: "cjs",
    legalComments: "none",
    logLevel: "warning",
    // A verb that is left out has no such export, and is never loaded from here.
    logOverride: { "import-is-undefined": "silent" },
    minify: true,
    outfile: join(outdir, `${name}.cjs`),
    platform: "node",
    plugins: [...plugins],
    target: "node22"
  })

/** The Worker as one module; a Worker's entry is a default export, and the sources have none. */
const bundleWorker = (): Promise<unknown> =>
  build({
    absWorkingDir: import.meta.dirname,
    bundle: true,
    conditions: ["workerd", "worker", "browser"],
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    mainFields: ["module", "main"],
    minify: true,
    outfile: join(outdir, "../worker/worker.mjs"),
    platform: "neutral",
    stdin: { contents: 'export { worker as default } from "./src/worker/main.ts"', resolveDir: import.meta.dirname },
    target: "es2024"
  })

const verbs = (await readdir(join(import.meta.dirname, VERBS), { withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map(({ name }) => basename(name, ".ts"))
// What an earlier build left behind would be published, or run. The declarations beside it are the compiler's.
const earlier = await readdir(outdir).catch((): ReadonlyArray<string> => [])
await Promise.all(earlier.filter((name) => name.endsWith(".cjs")).map((name) => rm(join(outdir, name))))
await Promise.all([
  bundle("main", [loadedWhenUsed]),
  bundleWorker(),
  bundleAction(join(outdir, "../action")),
  ...verbs.map((verb) => bundle(verb, [loadedWhenUsed, only(verb)]))
])
console.log(`bundled ${verbs.length} verbs and the Worker into ${outdir}`)
