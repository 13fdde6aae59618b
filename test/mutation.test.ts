import { strict as assert } from "node:assert"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "vitest"
import { strykerPlugins } from "./mutation/Prose.ts"
import * as TestList from "./mutation/TestList.ts"

const ROOT = join(import.meta.dirname, "..")
const SOURCES = join(ROOT, "packages/core/src")

interface Explanation {
  readonly because: string
  readonly code: string
  readonly file?: string
}

const explanations: ReadonlyArray<Explanation> = JSON.parse(
  readFileSync(join(import.meta.dirname, "mutation/explained.json"), "utf8")
)

const ignored = (value: string): boolean =>
  strykerPlugins.some((plugin) => plugin.value.shouldIgnore({ node: { type: "StringLiteral", value } }) !== undefined)

describe("Mutation testing", () => {
  it("explains survivors by code that is still there", () => {
    const gone = explanations.filter(({ code, file }) => {
      if (file === undefined) return false
      const path = join(SOURCES, file)
      return !(existsSync(path) && readFileSync(path, "utf8").includes(code))
    })
    assert.deepEqual(gone, [])
    assert.ok(explanations.every(({ because }) => because.length > 10))
  })

  it("leaves sentences for people alone, and mutates codes, keys and formats", () => {
    assert.deepEqual(["found nothing", "the key to be there", "at most $"].map(ignored), [true, true, true])
    assert.deepEqual(["", "half-open", "open", "opens_at", ", ", "F", "P S", "40 %"].map(ignored), Array(8).fill(false))
  })

  it("lists tests as vitest does: by file and group, a row of values each, none of what is skipped", () => {
    const list = TestList.make()
    const { describe: group, it: test } = list.vitest
    const seen: Array<unknown> = []
    const tests = list.of("a.test.ts", () =>
      group("A group", { timeout: 1 }, () => {
        test("one", () => seen.push("one"))
        test("one", () => seen.push("again"))
        test.each([["x", 1]])("row %s", (...row: ReadonlyArray<unknown>) => seen.push(row))
        test.each([{ name: "n" }])("field $name", (row: unknown) => seen.push(row))
        test.skipIf(true)("never", () => seen.push("never"))
      })
    )
    const ids = ["one", "one #2", "row x", "field n"].map((name) => `a.test.ts: A group > ${name}`)
    assert.deepEqual(
      tests.map(({ id }) => id),
      ids
    )
    for (const { run } of tests) run()
    assert.deepEqual(seen, ["one", "again", ["x", 1], { name: "n" }])
  })
})
