/** Which states of the registry are one: what is left out of a key makes no difference from then on. */
import * as Minutes from "@batchbrake/core/budget/Minutes"
import { breakerOf } from "@batchbrake/core/control/ControlFile"
import { WEEK } from "@batchbrake/core/time/Instant"
import { ECOSYSTEMS } from "./Ghost.ts"
import type { GhostBreaker } from "./GhostBreaker.ts"
import type { State } from "./Registry.ts"

export const keyOfRun = (index: number): string => `run-${index}`

/** Times as they look from an instant; a deadline that is past is past, however long. */
const ahead = (instant: number | undefined, now: number): number | string =>
  instant === undefined ? "-" : Math.max(0, instant - now)

/** What is left of a run to make a difference. One that is over is its minutes alone. */
const keyOfGhost = (
  { control: { file }, noted, now, pending, runs }: State,
  index: number,
  letter: Letters
): string => {
  const run = runs[index]
  if (run === undefined || run.phase === "waiting" || run.ecosystem === undefined) {
    const { event } = pending[index] ?? {}
    return event?._tag === "RunAdmitted" ? `claims ${letter(event.ecosystem)} ${now - event.at}` : "waiting"
  }
  const isSilent = run.phase !== "running" && pending[index] === undefined
  if (isSilent && run.charged !== undefined) return `over ${run.charged}`
  const breaker = breakerOf(file, run.ecosystem)
  const { event } = pending[index] ?? {}
  return [
    isSilent ? "gone" : "running",
    letter(run.ecosystem),
    run.kind,
    run.charged,
    run.isExpired,
    run.isOverWeek,
    noted[run.ecosystem].edges === run.edges,
    run.charged === undefined ? ahead(run.until, now) : "-",
    breaker.probe?.runKey === keyOfRun(index) ? ahead(breaker.probe.expiresAt, now) : "-",
    event === undefined ? "-" : `${run.word} ${now - event.at}`
  ].join()
}

export const onTheirWay = ({ pending }: State): number => pending.filter((each) => each !== undefined).length

type Letters = (ecosystem: string) => string
const SAME: Letters = (ecosystem) => ecosystem
const SWAPPED: Letters = (ecosystem) => (ecosystem === "npm" ? "cask" : ecosystem === "cask" ? "npm" : ecosystem)

/** Trips, and what is left until they are forgiven: of use only where cool-downs grow. */
const memoryOf = ({ away, state, trips }: GhostBreaker, now: number): string => {
  if (away === undefined) return "-"
  return `${trips} ${away.to === undefined || state !== "closed" ? now - away.from : ahead(2 * away.to - away.from, now)}`
}

const keyUnder = (state: State, letter: Letters, remembersTrips: boolean): string => {
  const { file } = state.control
  const breakers = ECOSYSTEMS.map((own) => {
    const name = letter(own)
    const { halfOpenSuccesses, opensAt, probe, state: standing, window } = breakerOf(file, name)
    const memory = remembersTrips && (name === "npm" || name === "cask") ? memoryOf(state.noted[name], state.now) : "-"
    const until = standing === "open" ? ahead(opensAt, state.now) : "-"
    return [standing, window, until, probe === undefined, halfOpenSuccesses, memory].join()
  })
  const { used, weekStart } = file.budget
  return [
    ...state.runs.map((_, index) => keyOfGhost(state, index, letter)).sort(),
    ...breakers,
    Object.keys(file.pauses).map(letter).join(),
    state.pauses,
    Minutes.of(used, "linux"),
    weekStart === undefined ? "-" : Math.floor((state.now - weekStart) / WEEK)
  ].join("|")
}

/**
 * What makes a difference from here on. Runs have no order and no names, the two ecosystems could be each other, instants
 * have no date, generations no number: only whether a run's is still the breaker's. Times of old edges and counts of trips
 * are left out where cool-downs do not grow: then no rule looks at them.
 */
export const keyOf = (state: State, remembersTrips: boolean): string => {
  const [one, other] = [keyUnder(state, SAME, remembersTrips), keyUnder(state, SWAPPED, remembersTrips)]
  return one < other ? one : other
}
