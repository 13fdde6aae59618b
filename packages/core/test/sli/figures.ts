/** Figures to judge by: totals of so many attempts, and what is known of an ecosystem that has them. */
import * as EcosystemSli from "@batchbrake/core/sli/EcosystemSli"
import * as RunSums from "@batchbrake/core/sli/RunSums"
import type { Counted, Totals } from "@batchbrake/core/sli/Totals"
import { HOUR, parse, WEEK } from "@batchbrake/core/time/Instant"

export const NOW = parse("2026-11-23T06:00:00Z") ?? 0

/** Attempts of one weight. */
export const counted = (count: number, weight = 1): Counted => ({
  count,
  weight: count * weight,
  weightSquared: count * weight * weight
})

/** So many passed and failed, in one run unless said otherwise. */
export const totals = (passed: number, failed: number, more: Partial<Totals> = {}): Totals => ({
  ...RunSums.none,
  failed: counted(failed),
  passed: counted(passed),
  runs: 1,
  ...more
})

/** An ecosystem whose window holds these totals, in a steady state: every stretch of it has the same. */
export const sliOf = (
  window: Totals,
  more: Partial<EcosystemSli.Evidence> = {},
  terms: Partial<EcosystemSli.Terms> = {}
): EcosystemSli.EcosystemSli =>
  EcosystemSli.of(
    {
      before: window,
      ecosystem: "npm",
      last: new Map(EcosystemSli.STRETCHES.map((millis) => [millis, window])),
      newestRunAt: NOW - HOUR,
      objective: 0.9,
      runs: [],
      unexplained: [],
      used: [{ at: NOW, minutes: window.minutes }],
      window,
      ...more
    },
    { at: NOW, minimumAttempts: 20, staleMillis: 48 * HOUR, windowMillis: WEEK, ...terms }
  )

/** Numbers from 0 to 1, the same ones every time: mulberry32 of T. Ettinger, in the public domain. */
export const numbersFrom = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((again ^ (again >>> 14)) >>> 0) / 4_294_967_296
  }
}
