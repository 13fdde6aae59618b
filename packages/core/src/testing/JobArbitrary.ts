/** Jobs that run side by side: some fail, some hang, some are cancelled or die, and what they say comes late or twice. */
import * as fc from "fast-check"
import { DAY, HOUR, MINUTE } from "../time/Instant.ts"
import { outcomes } from "./BreakerArbitrary.ts"
import { FURTHEST_OFF } from "./ClockArbitrary.ts"
import type { End, Job } from "./VirtualWorld.ts"

const end: fc.Arbitrary<End> = fc.oneof(
  { arbitrary: fc.constant<End>("reports"), weight: 6 },
  { arbitrary: fc.constantFrom<End>("cancelled", "crashes"), weight: 2 }
)

const results: fc.Arbitrary<string> = fc.oneof(
  outcomes(12),
  fc.integer({ max: 12, min: 1 }).map((count) => "P".repeat(count)),
  fc.integer({ max: 12, min: 1 }).map((count) => "F".repeat(count)),
  fc.integer({ max: 3, min: 0 }).map((count) => "S".repeat(count))
)

/** Once and at once, mostly; else late, twice, or never. */
const deliveries: fc.Arbitrary<ReadonlyArray<number>> = fc.oneof(
  { arbitrary: fc.constant<ReadonlyArray<number>>([0]), weight: 5 },
  { arbitrary: fc.array(fc.integer({ max: 3 * HOUR, min: 0 }), { maxLength: 3 }), weight: 3 },
  { arbitrary: fc.integer({ max: 20, min: 1 }).map((days) => [days * DAY]), weight: 1 }
)

/** One job of these ecosystems, some time in the given span. */
export const job = (ecosystems: ReadonlyArray<string>, spanMillis: number): fc.Arbitrary<Job> =>
  fc.record(
    {
      deliveriesMillis: deliveries,
      ecosystem: fc.constantFrom(...ecosystems),
      end,
      minutes: fc.option(
        fc.record({ linux: fc.nat({ max: 120 }), macos: fc.nat({ max: 40 }) }, { noNullPrototype: true }),
        { nil: undefined }
      ),
      results,
      skewMillis: fc.oneof(
        { arbitrary: fc.constant(0), weight: 3 },
        fc.integer({ max: FURTHEST_OFF, min: -FURTHEST_OFF })
      ),
      startsAfterMillis: fc.oneof(
        fc.integer({ max: spanMillis, min: 0 }),
        fc.integer({ max: Math.floor(spanMillis / HOUR), min: 0 }).map((hours) => hours * HOUR)
      ),
      takesMillis: fc.oneof(
        fc.integer({ max: 100, min: 0 }).map((minutes) => minutes * MINUTE),
        fc.nat({ max: 5 * HOUR })
      )
    },
    { noNullPrototype: true }
  )

/** Concurrent jobs of some days. */
export const jobs = (
  ecosystems: ReadonlyArray<string>,
  most = 20,
  spanMillis = 3 * DAY
): fc.Arbitrary<ReadonlyArray<Job>> => fc.array(job(ecosystems, spanMillis), { maxLength: most, size: "max" })
