/** Random records of runs. */
import type { Run } from "@batchbrake/core/forecast/History"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import { MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"

const attempts = fc.oneof(
  fc.record({ failed: fc.nat(6), passed: fc.nat(6), skipped: fc.nat(2) }),
  fc.record({
    categories: fc.constantFrom<Readonly<Record<string, ReadonlyArray<number>>>>({}, { network: [0, 1] }),
    results: fc.string({ maxLength: 8, unit: fc.constantFrom("P", "F", "S") })
  }),
  fc.constantFrom({ failed: 9, passed: 1, skipped: 0 }, { failed: 0, passed: 9, skipped: 0 })
)

const minutes = fc.option(fc.dictionary(fc.constantFrom("macos", "linux"), fc.nat(200), { maxKeys: 2 }), {
  nil: undefined
})

/** Runs of some ecosystems in the order of their time; with `unmade`, some that never took place. */
export const runs = (
  ecosystems: ReadonlyArray<string>,
  unmade = false,
  maxLength = 60
): fc.Arbitrary<ReadonlyArray<Run>> =>
  fc
    .array(
      fc.record({
        attempts,
        ecosystem: fc.constantFrom(...ecosystems),
        gap: fc.constantFrom(0, 1, 30, 59, 60, 61, 240, 5000),
        made: unmade ? fc.integer({ max: 3, min: 0 }).map((chance) => chance > 0) : fc.constant(true),
        minutes
      }),
      { maxLength }
    )
    .map((list) => {
      let at = InstantArbitrary.FIRST_EVENT
      return list.map(({ gap, ...run }) => {
        at += gap * MINUTE
        return run.made ? { ...run, at } : { ...run, at, attempts: { failed: 0, passed: 0, skipped: 0 } }
      })
    })
