import { strict as assert } from "node:assert"
import { tally } from "@batchbrake/core/breaker/Attempts"
import * as ResultLines from "@batchbrake/core/breaker/ResultLines"
import { attemptsOf } from "@batchbrake/core/sli/RunReport"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import { FULL } from "@batchbrake/core/testing/SampleRuns"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

interface Line {
  readonly recipe: string
  readonly status: "passed" | "failed" | "skipped"
  readonly platform?: string
  readonly category?: string
  readonly duration_seconds?: number
  readonly weight?: number
}

const line: fc.Arbitrary<Line> = fc.record(
  {
    category: fc.constantFrom("", "flaky", "network", "__proto__"),
    duration_seconds: fc.integer({ max: 500, min: 0 }),
    platform: fc.constantFrom("macos", "linux"),
    recipe: fc.constantFrom("recipes/a.rb", "recipes/b.rb", "__proto__"),
    status: fc.constantFrom("passed", "failed", "skipped"),
    weight: fc.integer({ max: 10, min: 1 })
  },
  { noNullPrototype: true, requiredKeys: ["recipe", "status"] }
)

const lines = fc.array(line, { maxLength: 12 })

const print = (given: ReadonlyArray<Line>): string => given.map((one) => JSON.stringify(one)).join("\n")
const read = (text: string): ResultLines.RunResults => Result.getOrThrow(ResultLines.parse(text))
const faultsOf = (text: string): ReadonlyArray<string> =>
  Result.match(ResultLines.parse(text), { onFailure: (faults) => faults.map(({ path }) => path), onSuccess: () => [] })

/** The lines that stand, a recipe: none that a later line of the same recipe and platform replaces. */
const standing = (given: ReadonlyArray<Line>): ReadonlyArray<ReadonlyArray<Line>> => {
  const last = given.filter(
    (one, index) =>
      !given.slice(index + 1).some((later) => later.recipe === one.recipe && later.platform === one.platform)
  )
  const recipes = [...new Set(given.map(({ recipe }) => recipe))]
  return recipes.map((recipe) => last.filter((one) => one.recipe === recipe))
}

const has = (recipe: ReadonlyArray<Line>, status: Line["status"]): boolean =>
  recipe.some((one) => one.status === status)

const sum = (all: ReadonlyArray<number>): number => all.reduce((total, each) => total + each, 0)

describe("ResultLines (SPEC.md RE)", () => {
  it("[RE1] the last line a recipe and platform stands, any failed platform fails, and only skipped is skipped", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const expected = standing(given).map((recipe) =>
          has(recipe, "failed") ? "F" : has(recipe, "passed") ? "P" : "S"
        )
        assert.equal(read(print(given)).attempts.results, expected.join(""))
      }),
      { numRuns: 500 }
    )
  })

  it("[RE1] a platform that was mended passes, and one that broke fails", () => {
    const [failed, passed] = ['{"recipe":"a","status":"failed"}', '{"recipe":"a","status":"passed"}']
    assert.equal(read(`${failed}\n${passed}`).attempts.results, "P")
    assert.equal(read(`${failed}\n${passed}`).weighted, undefined)
    assert.equal(read(`${passed}\n${failed}`).attempts.results, "F")
    assert.equal(read(`${failed}\n{"recipe":"a","status":"passed","platform":"macos"}`).attempts.results, "F")
    assert.equal(read('{"recipe":"a","status":"skipped"}\n{"recipe":"b","status":"passed"}').attempts.results, "SP")
  })

  it("[SL13] what is estimated stands for the recipes that were tried, and is what the metrics sum up", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const tried = standing(given)
          .map((recipe) => recipe.filter(({ status }) => status !== "skipped").map(({ weight }) => weight ?? 1))
          .filter((weights) => weights.length > 0)
        const { results, weighted } = read(print(given))
        assert.equal(
          weighted !== undefined,
          given.some(({ weight }) => weight !== undefined)
        )
        const estimates = attemptsOf(results).map(({ estimate }) => estimate)
        const [passed, failed] = [estimates.map((one) => one.passed), estimates.map((one) => one.failed)].map(sum)
        assert.ok(Math.abs((passed ?? 0) + (failed ?? 0) - sum(tried.map((weights) => Math.min(...weights)))) < 1e-6)
        if (weighted !== undefined) assert.deepEqual(weighted, { failed, passed })
      }),
      { numRuns: 500 }
    )
  })

  it("[RE1] blank lines and the line ends of other systems change nothing", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const text = print(given)
        assert.deepEqual(read(`\n${text.replaceAll("\n", "\r\n \r\n")}\r\n`), read(text))
      })
    )
    assert.deepEqual(read(""), {
      attempts: { categories: {}, results: "" },
      durationSeconds: undefined,
      minutes: undefined,
      results: [],
      weighted: undefined
    })
  })

  it("[RE2] one line that cannot be read fails the report, and its number stands in the fault", () => {
    const damage = fc.constantFrom(
      "{",
      "[]",
      "passed",
      '{"recipe":"a"}',
      '{"recipe":"","status":"passed"}',
      '{"recipe":"a","status":"ok"}'
    )
    fc.assert(
      fc.property(lines, damage, fc.nat(), (given, damaged, choice) => {
        const texts = given.map((one) => JSON.stringify(one))
        const place = choice % (texts.length + 1)
        const faults = faultsOf([...texts.slice(0, place), damaged, ...texts.slice(place)].join("\n"))
        assert.ok(faults.length > 0)
        const named = [`line ${place + 1}`, ...["status", "recipe"].map((field) => `line ${place + 1}, ${field}`)]
        assert.ok(faults.every((path) => named.includes(path)))
      })
    )
    assert.deepEqual(faultsOf('{"recipe":"a","status":"ok"}\n\n{"recipe":"a","recipe":"b","status":"passed"}'), [
      "line 1, status",
      "line 3, recipe"
    ])
  })

  it("[RE3] a failed recipe has the categories of its failures, unless one of them has none", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const { categories } = read(print(given)).attempts
        for (const [place, recipe] of standing(given).entries()) {
          const named = recipe.filter(({ status }) => status === "failed").map(({ category }) => category ?? "")
          const expected = named.includes("") ? [] : [...new Set(named)]
          const found = Object.entries(categories).flatMap(([name, places]) => (places.includes(place) ? [name] : []))
          assert.deepEqual(found.sort(), expected.sort())
        }
      }),
      { numRuns: 500 }
    )
  })

  it("[RE3] categories stand in the order of their names, each with the places of its recipes", () => {
    const failed = ["network", "flaky", "network"].map((category, place) => ({
      category,
      recipe: `${place}`,
      status: "failed"
    }))
    const { categories } = read(failed.map((one) => JSON.stringify(one)).join("\n")).attempts
    assert.deepEqual(Object.entries(categories), [
      ["flaky", [1]],
      ["network", [0, 2]]
    ])
    const { attempts } = read(
      failed
        .slice(1)
        .map((one) => JSON.stringify(one))
        .join("\n")
    )
    assert.deepEqual(Object.keys(attempts.categories), ["flaky", "network"])
  })

  it("[RE1] a run takes as long as all of its lines say together, and no time where none says", () => {
    fc.assert(
      fc.property(lines, (given) => {
        const said = given.flatMap(({ duration_seconds: seconds }) => (seconds === undefined ? [] : [seconds]))
        assert.equal(read(print(given)).durationSeconds, said.length === 0 ? undefined : sum(said))
      })
    )
  })

  it("[MO3] lines of jobs are no recipes: each is rounded up and counted for its platform", () => {
    const { attempts, minutes } = read(
      [
        '{"recipe":"a","status":"passed","job":"validate (macos)"}',
        '{"job":"validate","platform":"macos","duration_seconds":61}',
        '{"job":"validate","platform":"macos","duration_seconds":1}',
        '{"job":"validate","platform":"linux","duration_seconds":60,"runner":"ubuntu-latest"}'
      ].join("\n")
    )
    assert.deepEqual([attempts.results, minutes], ["P", { linux: 1, macos: 3 }])
    assert.equal(read('{"recipe":"a","status":"passed"}').minutes, undefined)
    const lasting = (seconds: number) => `{"job":"a","platform":"macos","duration_seconds":${seconds}}`
    assert.deepEqual(read(lasting(366 * 86_400)).minutes, { macos: 366 * 1440 })
    assert.deepEqual(faultsOf(lasting(366 * 86_400 + 1)), ["line 1, duration_seconds"])
    assert.deepEqual(faultsOf('{"status":"passed"}'), ["line 1, recipe"])
  })

  it.each<[string, string]>([
    ['{"job":"","platform":"macos","duration_seconds":1}', "line 1, job"],
    ['{"job":"a","duration_seconds":1}', "line 1, platform"],
    ['{"job":"a","platform":"Mac OS","duration_seconds":1}', "line 1, platform"],
    ['{"job":"a","platform":"macos"}', "line 1, duration_seconds"],
    ['{"job":"a","platform":"macos","duration_seconds":-1}', "line 1, duration_seconds"],
    ['{"job":"a","platform":"macos","duration_seconds":1e300}', "line 1, duration_seconds"]
  ])("[MO3] the job line %s fails the whole report at %s", (line, path) => {
    assert.deepEqual(faultsOf(line), [path])
  })

  it("[ME14] what is read makes a report that every metrics store takes", () => {
    const odd = fc.record(
      {
        category: fc.string({ maxLength: 1100, unit: "binary" }),
        duration_seconds: fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.constantFrom(1e9, 1e9 + 1)),
        message: fc.string({ maxLength: 2100, size: "max", unit: fc.constantFrom("x", "\u0000", "\ud83d", "😀") }),
        platform: fc.constantFrom("macos", "linux"),
        recipe: fc.oneof(fc.constantFrom("a", "b"), fc.string({ maxLength: 1100, unit: "binary" })),
        status: fc.constantFrom("passed", "failed", "skipped"),
        weight: fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.constantFrom(0, 1, 5e8, 1e9))
      },
      { noNullPrototype: true, requiredKeys: ["recipe", "status"] }
    )
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 3 }), (given) => {
        const parsed = ResultLines.parse(given.map((one) => JSON.stringify(one)).join("\n"))
        if (Result.isFailure(parsed)) return
        const { attempts, minutes, results, weighted } = parsed.success
        const counts = tally(attempts)
        const report = { ...FULL, attempts: { ...counts }, minutes: minutes ?? {}, results, weighted }
        assert.deepEqual(RunReportJson.faultsOf(report), [])
      })
    )
  })

  it.each<[string, object, string]>([
    ["a recipe of 1,025 characters", { recipe: "x".repeat(1025) }, "line 2, recipe"],
    ["a recipe with U+0000", { recipe: "a\u0000" }, "line 2, recipe"],
    ["a recipe with half a character", { recipe: "a\ud83d" }, "line 2, recipe"],
    ["a category of 1,025 characters", { category: "x".repeat(1025) }, "line 2, category"],
    ["a weight of zero", { weight: 0 }, "line 2, weight"],
    ["a weight of less than itself", { weight: 0.999 }, "line 2, weight"],
    ["a weight past all bounds", { weight: 1e9 + 1 }, "line 2, weight"],
    ["weights that come to more", { weight: 1e9 }, "weight"],
    ["a duration past all bounds", { duration_seconds: 1e9 + 1 }, "line 2, duration_seconds"]
  ])("[ME14] %s is refused with its line and field", (_, more, path) => {
    const first = '{"recipe":"first","status":"passed","weight":1}'
    assert.deepEqual(faultsOf(`${first}\n${JSON.stringify({ recipe: "a", status: "passed", ...more })}`), [path])
  })

  it("[ME14] 32 platforms are taken, and the line of the next one is named, of a job too", () => {
    const on = (place: number) => JSON.stringify({ platform: `p${place}`, recipe: "a", status: "passed" })
    const many = Array.from({ length: 32 }, (_, place) => on(place))
    const job = JSON.stringify({ duration_seconds: 1, job: "validate", platform: "other" })
    assert.deepEqual(faultsOf([...many, on(0)].join("\n")), [])
    assert.deepEqual(faultsOf([...many, on(32)].join("\n")), ["line 33, platform"])
    assert.deepEqual(faultsOf([...many, job].join("\n")), ["line 33, platform"])
    assert.deepEqual(faultsOf([...many, '{"recipe":"b","status":"passed"}'].join("\n")), [])
  })

  it("[ME14] a name of 1,024 characters is taken, and a message is made to fit", () => {
    const one = { message: `\u0000${"x".repeat(1998)}😀`, recipe: "x".repeat(1024), status: "failed", weight: 1e9 }
    const [result] = read(JSON.stringify(one)).results
    assert.deepEqual([result?.recipe.length, result?.message], [1024, `\ufffd${"x".repeat(1998)}\ufffd`])
  })
})
