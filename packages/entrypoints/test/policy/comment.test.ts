import { strict as assert } from "node:assert"
import * as Compared from "@batchbrake/core/forecast/Backtest"
import * as Policy from "@batchbrake/core/policy/Policy"
import { backtestMarkdown } from "@batchbrake/entrypoints/cli/backtestMarkdown"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const policyOf = (names: ReadonlyArray<string>, breaker: Readonly<Record<string, number>>): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(names), breaker }))

/** The comment on a change of the threshold, for some ecosystems, with names of files as they may come. */
const comment = (ecosystems: number, name: string, lines: Readonly<Record<string, number>> = {}): string => {
  const names = Array.from({ length: ecosystems }, (_, index) => `eco-${index}`)
  const policies = { new: policyOf(names, { threshold: 0.8, window: 12 }), old: policyOf(names, {}) }
  const runs = names.flatMap((ecosystem, index) =>
    Array.from({ length: 6 }, (_, turn) => ({
      at: 1_767_225_600_000 + turn * 3_600_000 + index,
      attempts: { failed: turn * 2, passed: 10 - turn * 2, skipped: 0 },
      ecosystem,
      made: turn !== 3,
      minutes: { macos: 1 }
    }))
  )
  const history = {
    known: { exact: runs.length },
    leftOut: lines,
    rules: [],
    runs: [...runs].sort((a, b) => a.at - b.at)
  }
  return backtestMarkdown(
    {
      comparison: Compared.compare(policies, history, "runs"),
      new: { hash: "", name },
      old: { hash: "", name },
      oldUnit: "runs",
      recorded: { history, name }
    },
    policies
  )
}

const outsideCode = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "")

describe("The comment on a pull request (SPEC.md BT)", () => {
  it.each([1, 16, 17, 60])("[BT8] is decision, table, curve, in under 60 lines, with %d ecosystems", (ecosystems) => {
    const lines = comment(ecosystems, "batch-policy.json", { "by-hand": 3, lost: 1, unreadable: 2 }).split("\n")
    assert.ok(lines.length < 60, String(lines.length))
    const [decision, table, curve] = [/^### /, /^\| ecosystem \|/, /^```text$/].map((pattern) =>
      lines.findIndex((line) => pattern.test(line))
    )
    assert.ok(decision === 0 && (table ?? -1) > 0 && (curve ?? -1) > (table ?? 0))
    assert.equal(lines.filter((line) => line.startsWith("```")).length, 2)
    const cells = lines.filter((line) => line.startsWith("|")).map((line) => line.split("|").length)
    assert.deepEqual([...new Set(cells)], [10])
    assert.equal(
      lines.some((line) => line.includes(`all, with ${ecosystems - 16} more`)),
      ecosystems > 16
    )
  })

  it("[BT8] leaves text from outside inert: no mention, link, tag, line or table of it", () => {
    const nasty = fc.oneof(
      fc.string({ maxLength: 200, unit: "binary" }),
      fc.constantFrom(
        "@everyone",
        "a`@everyone`",
        "``` \n# x",
        "<img src=x>",
        "[a](http://b)",
        "a|b|c\n| d |",
        "#1",
        "\u202eabc",
        "`"
      )
    )
    fc.assert(
      fc.property(nasty, (name) => {
        const text = comment(1, name)
        assert.ok(!/[@<>[\]\u202e]|https?:|#\d/.test(outsideCode(text)), text)
        assert.ok(!/\p{Cs}/u.test(text))
        assert.equal(text.split("\n").length, comment(1, "a").split("\n").length)
        assert.equal((text.match(/`/g) ?? []).length % 2, 0)
      }),
      { numRuns: 20 }
    )
  })
})
