#!/usr/bin/env node
// The built bundle of the verb where there is one, else the sources, which Node runs as they are. CommonJS: it starts sooner.
"use strict"
const { existsSync } = require("node:fs")
const { join } = require("node:path")

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`batchbrake: needs Node 22.19 or newer, and this is ${process.versions.node}`)
  process.exitCode = 2
} else {
  require("node:module").enableCompileCache?.()
  const bundles = join(__dirname, "../dist/cli")
  const verb = /^[a-z]+$/.test(process.argv[2] ?? "") ? join(bundles, `${process.argv[2]}.cjs`) : ""
  const whole = join(bundles, "main.cjs")
  if (verb !== "" && existsSync(verb)) require(verb)
  else if (existsSync(whole)) require(whole)
  else void import("../src/cli/main.ts")
}
