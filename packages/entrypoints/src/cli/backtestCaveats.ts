/** What the figures of a backtest stand on, in sentences. */
import type { Comparison } from "@batchbrake/core/forecast/Backtest"
import { MOST_FILLED } from "@batchbrake/core/forecast/Unrecorded"
import { format } from "@batchbrake/core/time/Instant"
import { count, many } from "./amounts.ts"
import type { Recorded } from "./history.ts"

/** What was compared, under the names of the command line. */
export interface Backtest {
  readonly comparison: Comparison
  readonly recorded: Recorded
  readonly old: { readonly name: string; readonly hash: string }
  readonly new: { readonly name: string; readonly hash: string }
  readonly oldUnit: "attempts" | "runs"
}

/** Those of which somebody was held, by the most attempts that each was taken to have had. */
export const limitsOf = ({ lines }: Comparison): ReadonlyMap<number, ReadonlyArray<string>> => {
  const names = new Map<number, Array<string>>()
  for (const { ecosystem, isStranger, limit, unmade } of lines) {
    if (unmade === 0 || isStranger) continue
    const known = names.get(limit) ?? []
    names.set(limit, known)
    known.push(ecosystem)
  }
  return names
}

/** Runs of ecosystems that no policy knows, so that each refuses them. */
export const strangersOf = ({ lines }: Comparison): ReadonlyArray<readonly [string, number]> =>
  lines.flatMap(({ ecosystem, isStranger, runs }) => (isStranger ? [[ecosystem, runs] as const] : []))

const sizes = (comparison: Comparison): string =>
  [...limitsOf(comparison)]
    .map(([limit, names], _, { length }) => `${count(limit)}${length > 1 ? ` (${names.join(", ")})` : ""}`)
    .join(", ")

/** What was never made. */
const ofUnmade = (comparison: Comparison): ReadonlyArray<string> => {
  const { filled, held, lines } = comparison
  const every = `every number of attempts up to ${sizes(comparison)}, in every order, was followed`
  const doubt = lines.flatMap(({ old }) => old.uncertainFrom ?? []).sort((left, right) => left - right)[0]
  return [
    ...(held > 0
      ? [
          `${count(held)} ${held === 1 ? "run is" : "runs are"} on record as held: what would have come of that is unknown, so ${every}.`
        ]
      : []),
    ...(filled > 0
      ? [
          `The record is taken to be the old policy's: what that held left no line. ${count(filled)} ${filled === 1 ? "run was" : "runs were"} put in for the new one, at each ecosystem's own pace, and ${every}. Another pace is not followed.`
        ]
      : []),
    ...(filled > 0 && lines.some(({ unmade }) => unmade >= MOST_FILLED)
      ? [
          `No more than ${count(MOST_FILLED)} runs are put in for an ecosystem: later ones that were held are not followed.`
        ]
      : []),
    ...(held === 0 && doubt !== undefined
      ? [
          `From ${format(doubt)} on the record does not say for certain what the old policy held: nothing was put in where it need not have held, and what the new one would have made of that is not followed.`
        ]
      : []),
    ...(held + filled > 0
      ? ['"a to b" are the least and the most over all of this; what was never made is not counted as refused.']
      : [])
  ]
}

/** What the figures do not know, in sentences. */
export const caveatsOf = ({ comparison, oldUnit, recorded }: Backtest): ReadonlyArray<string> => {
  const { divergence, lines, new: next, old } = comparison
  const leftOut = Object.entries(recorded.history.leftOut).map(([what, times]) => `${times} ${what}`)
  const lost = lines.filter((line) => line.new.lostFrom !== undefined || line.old.lostFrom !== undefined)
  const strangers = strangersOf(comparison)
  const isVague = [next, old].some(({ high, low }) => high.minutes > low.minutes)
  return [
    ...ofUnmade(comparison),
    ...(isVague
      ? [
          "A run that was never made may have used no minutes, or all that it states or a reservation allows; a probe of a larger run any part of its minutes, and with bare counts any of its attempts."
        ]
      : []),
    ...(divergence === undefined
      ? []
      : ["A run on record stays as large as it was, also where a policy would have let more of it run."]),
    ...(lost.length > 0
      ? [
          `${lost.map(({ ecosystem }) => ecosystem).join(", ")}: too many outcomes to follow; from some point on the bounds are the widest possible.`
        ]
      : []),
    ...(strangers.length > 0
      ? [
          `No policy knows ${strangers.map(([name, runs]) => `${name} (${many(runs, "run")})`).join(", ")}: refused by each, in all.`
        ]
      : []),
    ...(leftOut.length > 0 ? [`Left out: ${leftOut.join(", ")}.`] : []),
    ...(oldUnit === "runs"
      ? ["The old policy took each run as one attempt, failed where fewer than half of its attempts passed."]
      : [])
  ]
}
