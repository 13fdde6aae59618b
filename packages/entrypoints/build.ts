import { rm } from "node:fs/promises"
import { join, resolve } from "node:path"
import { build } from "esbuild"

/**
 * Bundles the command. Splitting keeps what a verb imports lazily out of the entry, so that starting the command does not
 * load every verb. Another directory than `dist/cli` may be named. The banner gives bundled CommonJS modules the `require` that an ES module lacks.
 */
// Chunk names carry hashes, so those of an earlier build would stay behind and be published.
const outdir = resolve(import.meta.dirname, process.argv[2] ?? "dist/cli")
await rm(join(outdir, "chunks"), { recursive: true, force: true })

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/cli/main.ts"],
  outdir,
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  minifySyntax: true,
  format: "esm",
  platform: "node",
  target: "node22",
  banner: {
    js: 'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);'
  },
  logLevel: "info"
})
