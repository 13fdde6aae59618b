/** Reports of runs that a metrics store takes. */
import * as fc from "fast-check"
import { attemptsOf, type RecipeResult, type RunReport, type Status } from "../sli/RunReport.ts"
import { DAY } from "../time/Instant.ts"
import { SQL } from "./SampleRuns.ts"

const status: fc.Arbitrary<Status> = fc.constantFrom("passed", "failed", "skipped")
const weight = fc.oneof(fc.constant(1), fc.double({ max: 1000, min: 1, noNaN: true }))

/** A text that a field may hold: also SQL, other scripts and marks that turn the direction of writing. */
export const fieldText = fc.oneof(
  fc.string({ maxLength: 40, minLength: 1, unit: "grapheme" }),
  fc.constantFrom(SQL, "'; --", '"', "\\", "%", "a\nb", "\u202e", "null", "?1", "$.x")
)

const result: fc.Arbitrary<RecipeResult> = fc.record(
  {
    category: fc.option(fieldText, { nil: undefined }),
    durationSeconds: fc.option(fc.double({ max: 100_000, min: 0, noNaN: true }), { nil: undefined }),
    message: fc.option(fieldText, { nil: undefined }),
    platform: fc.constantFrom(undefined, "linux", "macos", "windows"),
    recipe: fc.oneof(fc.constantFrom("a", "b", "c"), fieldText),
    status,
    weight
  },
  { noNullPrototype: true }
)

const results = fc.uniqueArray(result, {
  maxLength: 12,
  selector: ({ platform, recipe }) => JSON.stringify([recipe, platform])
})

const counts = fc.record({ failed: fc.nat(50), passed: fc.nat(50), skipped: fc.nat(50) }, { noNullPrototype: true })

const countOf = (of: ReadonlyArray<RecipeResult>, wanted: Status): number =>
  attemptsOf(of).filter((attempt) => attempt.status === wanted).length

/** A report whose run completes within so many milliseconds from an instant on. */
export const runReport = (from: number, length: number = 3 * DAY): fc.Arbitrary<RunReport> =>
  fc
    .record(
      {
        batch: fc.option(fieldText, { nil: undefined }),
        completedAt: fc.integer({ max: from + length, min: from }),
        counts,
        ecosystem: fc.constantFrom("npm", "crates.io", "homebrew"),
        minutes: fc.dictionary(fc.constantFrom("linux", "macos", "windows"), fc.nat(1000)),
        results,
        runKey: fc.oneof(fc.constantFrom("1", "2", "3"), fc.stringMatching(/^[!-~]{1,40}$/)),
        took: fc.option(fc.nat(DAY), { nil: undefined })
      },
      { noNullPrototype: true }
    )
    .map(({ counts: bare, took, ...report }) => ({
      ...report,
      attempts:
        report.results.length === 0
          ? bare
          : {
              failed: countOf(report.results, "failed"),
              passed: countOf(report.results, "passed"),
              skipped: countOf(report.results, "skipped")
            },
      minutes: { ...report.minutes },
      startedAt: took === undefined ? undefined : report.completedAt - took,
      weighted: undefined
    }))
