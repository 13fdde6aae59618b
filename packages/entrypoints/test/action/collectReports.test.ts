import { strict as assert } from "node:assert"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { collectReports } from "@batchbrake/entrypoints/action/collectReports"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { afterEach, beforeEach, describe, it } from "vitest"

describe("What the jobs of a matrix hand in (SPEC.md AC)", () => {
  let directory = ""
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "reports-"))
  })
  afterEach(() => rmSync(directory, { force: true, recursive: true }))

  const handIn = (name: string, files: Readonly<Record<string, string>>): string => {
    const own = join(directory, name)
    mkdirSync(own)
    for (const [path, text] of Object.entries(files)) writeFileSync(join(own, path), text)
    return own
  }
  const claims = (...ecosystems: ReadonlyArray<string>): string =>
    JSON.stringify(ecosystems.map((ecosystem) => ({ ecosystem, run_key: "1-1" })))
  const linesOf = (text: string): ReadonlyArray<Record<string, unknown>> =>
    Result.getOrThrowWith(collectReports(directory, text), (fault) => new Error(fault))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line))

  it("[AC13] is looked for by the claims alone: one line each, and nothing of anybody else", () => {
    handIn("report-npm", { "minutes.txt": "linux=2\nmacos=1.5\nlinux=-3\nx y\n", "results.jsonl": "{}\n" })
    handIn("report-uninvited", { "results.jsonl": '{"recipe":"a","status":"failed"}\n' })
    handIn("report-cask", { "changes.patch": "x" })
    assert.deepEqual(linesOf(claims("npm", "cask")), [
      { ecosystem: "npm", minutes: ["linux=2", "macos=1.5"], results: "{}\n", run_key: "1-1" },
      { abandoned: true, ecosystem: "cask", run_key: "1-1" }
    ])
  })

  it("[AC13] takes nothing that an earlier attempt handed in under the same name", () => {
    handIn("report-npm", { "minutes.txt": "linux=2\n", "results.jsonl": "{}\n", "run.txt": "1-0\n" })
    handIn("report-cask", { "results.jsonl": "{}\n", "run.txt": "1-1\n" })
    assert.deepEqual(linesOf(claims("npm", "cask")), [
      { abandoned: true, ecosystem: "npm", run_key: "1-1" },
      { ecosystem: "cask", results: "{}\n", run_key: "1-1" }
    ])
  })

  it("[AC13] follows no link: a fault quotes what it found, and it could be any file of the machine", () => {
    const secret = join(directory, "secret")
    writeFileSync(secret, "t0ken")
    const own = handIn("report-npm", {})
    symlinkSync(secret, join(own, "results.jsonl"))
    symlinkSync(secret, join(own, "minutes.txt"))
    assert.deepEqual(linesOf(claims("npm")), [{ abandoned: true, ecosystem: "npm", run_key: "1-1" }])
  })

  it("[AC13] leaves the directory by no name, and takes nothing for claims but claims", () => {
    const odd = fc.oneof(
      fc.constantFrom("../secret", "..", "npm/../../x", "", "NPM", "a\0b", "x".repeat(65)),
      fc.string({ unit: "binary" }).filter((name) => !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name))
    )
    fc.assert(
      fc.property(odd, (name) => {
        assert.ok(Result.isFailure(collectReports(directory, claims("npm", name))))
      })
    )
    for (const text of ["", "{}", "null", "[1]", '[{"ecosystem":"npm"}]', "not json"]) {
      assert.ok(Result.isFailure(collectReports(directory, text)), text)
    }
    assert.deepEqual(linesOf("[]"), [])
  })
})
