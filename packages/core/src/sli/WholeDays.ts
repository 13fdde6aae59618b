import { DAY, startOfDay } from "../time/Instant.ts"

/** From `from`, inclusive, to `until`, exclusive; epoch milliseconds. */
export interface Stretch {
  readonly from: number
  readonly until: number
}

/** A span cut at midnights UTC: `days` is all of its whole days, `ends` what is left before and after them. */
export interface Cut {
  readonly days: Stretch
  readonly ends: readonly [Stretch, Stretch]
}

/** The whole of a span whose single runs are there only from a midnight on: ends before that are at their days' ends. */
export const outward = ({ from, until }: Stretch, horizon: number | undefined): Stretch =>
  horizon === undefined || until <= from
    ? { from, until }
    : {
        from: from < horizon ? startOfDay(from) : from,
        until: until < horizon ? startOfDay(until + DAY - 1) : until
      }

/** Whole days and ends together are the span, and no instant is in two of them. Parts may be empty. */
export const cut = ({ from, until }: Stretch): Cut => {
  const first = startOfDay(from + DAY - 1)
  const last = startOfDay(until)
  return first < last
    ? {
        days: { from: first, until: last },
        ends: [
          { from, until: first },
          { from: last, until }
        ]
      }
    : {
        days: { from: first, until: first },
        ends: [
          { from, until },
          { from: until, until }
        ]
      }
}
