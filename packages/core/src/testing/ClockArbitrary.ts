/** Clocks that nobody should trust: every machine has its own, a few minutes off, and sometimes it is set anew. */
import * as fc from "fast-check"
import { type EpochMillis, MINUTE } from "../time/Instant.ts"

/** How far a machine's clock may be off, either way: a little more than what a remote still accepts. */
export const FURTHEST_OFF = 6 * MINUTE

const off: fc.Arbitrary<number> = fc.oneof(
  fc.constant(0),
  fc.integer({ max: FURTHEST_OFF, min: -FURTHEST_OFF }),
  fc.constantFrom(-FURTHEST_OFF, -1, 1, FURTHEST_OFF)
)

/** What several machines read at these true instants: each its own offset, and any reading now and then off by another. */
export const readings = (instants: ReadonlyArray<EpochMillis>): fc.Arbitrary<ReadonlyArray<EpochMillis>> =>
  fc
    .record({
      machines: fc.array(off, { maxLength: 4, minLength: 1 }),
      which: fc.array(fc.nat({ max: 3 }), { maxLength: instants.length, minLength: instants.length, size: "max" }),
      setAnew: fc.array(fc.option(off, { freq: 5, nil: undefined }), {
        maxLength: instants.length,
        minLength: instants.length,
        size: "max"
      })
    })
    .map(({ machines, setAnew, which }) =>
      instants.map((at, index) => at + (setAnew[index] ?? machines[(which[index] ?? 0) % machines.length] ?? 0))
    )
