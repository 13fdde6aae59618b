/** What the quick start promises to show, checked after it was played. A promise that is broken is a fault, and is said. */
import { pathOf } from "./Generator.ts"
import { COLLAPSING, ECOSYSTEMS, HOPELESS, LAST_HOUR, PAUSED_HOUR } from "./Plan.ts"
import type { Turn } from "./Worker.ts"

export interface Played {
  /** How many ecosystems the gate would let run at the beginning of the next week. */
  readonly nextWeek: number
  readonly turns: ReadonlyArray<Turn>
  /** Events on the control branch, by type. */
  readonly events: ReadonlyMap<string, number>
}

export interface Shown {
  readonly text: string
  readonly kept: boolean
}

const noticed = (turn: Turn, code: string): boolean =>
  (turn.recorded?.notices ?? []).some((notice) => notice.code === code)

const hoursOf = (turns: ReadonlyArray<Turn>): string => turns.map(({ hour }) => hour).join(" ")

const isHeldFor = (turn: Turn, code: string): boolean =>
  turn.decision.decision === "hold" && turn.decision.reasons.some((reason) => reason.code === code)

const ofBreaker = (turns: ReadonlyArray<Turn>): ReadonlyArray<Shown> => {
  const own = turns.filter(({ ecosystem }) => ecosystem === COLLAPSING)
  const probes = own.filter(({ decision }) => decision.decision === "probe")
  const tried = probes.flatMap(({ decision }) => decision.grant?.probeRecipes ?? [])
  const tripped = turns.filter((turn) => noticed(turn, "breaker-opened"))
  return [
    {
      kept: tripped.length === 1 && tripped[0]?.ecosystem === COLLAPSING && tripped[0].hour === 3,
      text: `${COLLAPSING} trips when its payloads are damaged, and nothing else trips`
    },
    {
      kept: hoursOf(own.filter((turn) => isHeldFor(turn, "cooling-down"))) === "4 6 8 9",
      text: "it is held until each cool-down is over, and the cool-downs grow"
    },
    {
      kept: hoursOf(probes) === "5 7 10" && hoursOf(own.filter((turn) => noticed(turn, "breaker-reopened"))) === "5 7",
      text: "three probes, of which two fail"
    },
    {
      kept: new Set(tried).size === 3 && tried[1] === pathOf(COLLAPSING, HOPELESS),
      text: "each probe tries another recipe, so that the one that can never pass holds nothing up"
    },
    {
      kept: hoursOf(own.filter((turn) => noticed(turn, "breaker-closed"))) === "10",
      text: "the third probe closes the breaker"
    }
  ]
}

const ofBudget = ({ nextWeek, turns }: Played): ReadonlyArray<Shown> => {
  const runs = turns.filter(({ decision }) => decision.decision === "run")
  const late = runs.filter(({ hour }) => hour > PAUSED_HOUR && hour < LAST_HOUR)
  const macos = late.reduce((sum, { minutes }) => sum + (minutes.macos ?? 0), 0)
  const linux = late.reduce((sum, { minutes }) => sum + (minutes.linux ?? 0), 0)
  const last = turns.filter(({ hour }) => hour === LAST_HOUR)
  return [
    { kept: turns.some((turn) => noticed(turn, "budget-sampling")), text: "the minutes pass 80 %" },
    {
      kept: late.length > 0 && late.every(({ decision }) => decision.batchSize === 3) && macos > 0 && 2 * macos < linux,
      text: "from then on batches are halved and macOS is sampled"
    },
    { kept: turns.some((turn) => noticed(turn, "budget-paused")), text: "the minutes pass 95 %" },
    {
      kept: last.length === ECOSYSTEMS.length && last.every((turn) => isHeldFor(turn, "budget-exhausted")),
      text: "then new grants wait"
    },
    { kept: nextWeek === ECOSYSTEMS.length, text: "for the next week, in which all may run again" }
  ]
}

/** Everything that the quick start is there to show. */
export const promises = (played: Played): ReadonlyArray<Shown> => {
  const { events, turns } = played
  const paused = turns.filter(({ hour }) => hour === PAUSED_HOUR)
  const granted = turns.filter(({ decision }) => decision.decision !== "hold").length
  return [
    ...ofBreaker(turns),
    {
      kept: paused.length === ECOSYSTEMS.length && paused.every((turn) => isHeldFor(turn, "paused")),
      text: "a pause of everything holds everything until it is lifted"
    },
    ...ofBudget(played),
    {
      kept: events.get("RunAdmitted") === granted && events.get("RunCompleted") === granted,
      text: "every grant and every result of both workers is in the log exactly once"
    }
  ]
}
