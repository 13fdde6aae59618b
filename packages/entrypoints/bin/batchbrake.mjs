#!/usr/bin/env node
// The built bundle where there is one, else the sources, which Node runs as they are.
import { existsSync } from "node:fs"
import { enableCompileCache } from "node:module"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`batchbrake: needs Node 22.19 or newer, and this is ${process.versions.node}`)
  process.exitCode = 2
} else {
  enableCompileCache?.()
  const bundle = new URL("../dist/cli/main.js", import.meta.url)
  await import(existsSync(bundle) ? bundle.href : new URL("../src/cli/main.ts", import.meta.url).href)
}
