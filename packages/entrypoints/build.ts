import { rm } from "node:fs/promises"
import { join } from "node:path"
import { build } from "esbuild"

/**
 * Bundles the command. Splitting keeps what a verb imports lazily out of the entry, so that starting the command does not
 * load every verb. The banner gives bundled CommonJS modules the `require` that an ES module lacks.
 */
// Chunk names carry hashes, so those of an earlier build would stay behind and be published.
await rm(join(import.meta.dirname, "dist/cli/chunks"), { recursive: true, force: true })

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/cli/main.ts"],
  outdir: "dist/cli",
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
