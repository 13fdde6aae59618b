/** The quick start as it is told: one line for what happened, when, to whom and why. */
import { type EpochMillis, format } from "@batchbrake/core/time/Instant"
import { type Cell, type Colour, line } from "../Sheet.ts"
import { WORK_MILLIS } from "./Plan.ts"
import type { Turn } from "./Worker.ts"

export interface Entry {
  readonly at: EpochMillis
  readonly who: string
  readonly what: string
  readonly why: string
  readonly colour: Colour | undefined
}

const WIDTHS = [16, 10, 9]

export const HEAD = ["TIME (UTC)", "ECOSYSTEM", "WHAT", "WHY"]

export const printHead = (colours: boolean): string =>
  line(
    HEAD.map((text): Cell => ({ colour: "dim", text })),
    WIDTHS,
    colours
  )

export const printEntry = ({ at, colour, what, who, why }: Entry, colours: boolean): string =>
  line(
    [format(at).slice(0, 16).replace("T", " "), who, colour === undefined ? what : { colour, text: what }, why],
    WIDTHS,
    colours
  )

const SPOKEN: Readonly<Record<string, readonly [string, Colour]>> = {
  "breaker-closed": ["recovered", "green"],
  "breaker-opened": ["TRIP", "red"],
  "breaker-reopened": ["reopened", "red"],
  "budget-paused": ["95 %", "red"],
  "budget-sampling": ["80 %", "yellow"]
}

const remarks = ({ at, ecosystem, recorded }: Turn): ReadonlyArray<Entry> =>
  (recorded?.notices ?? []).flatMap(({ code, message }) => {
    const spoken = SPOKEN[code]
    if (spoken === undefined) return []
    const [what, colour] = spoken
    const why = message.startsWith(`${ecosystem}: `) ? message.slice(ecosystem.length + 2) : message
    return [{ at: at + WORK_MILLIS, colour, what, who: code.startsWith("budget") ? "all" : ecosystem, why }]
  })

const held = (turns: ReadonlyArray<Turn>): ReadonlyArray<Entry> => {
  const reasons = new Map<string, Array<Turn>>()
  for (const turn of turns.filter(({ decision }) => decision.decision === "hold")) {
    const why = turn.decision.reasons.map(({ message }) => message).join("; ")
    reasons.set(why, [...(reasons.get(why) ?? []), turn])
  }
  return [...reasons].map(([why, alike]) => ({
    at: alike[0]?.at ?? 0,
    colour: "yellow" as const,
    what: "hold",
    who: alike.length === 1 ? (alike[0]?.ecosystem ?? "") : `${alike.length} of 6`,
    why
  }))
}

const probes = (turns: ReadonlyArray<Turn>): ReadonlyArray<Entry> =>
  turns
    .filter(({ decision }) => decision.decision === "probe")
    .map(({ at, decision, ecosystem }) => ({
      at,
      colour: "yellow" as const,
      what: "probe",
      who: ecosystem,
      why: `the cool-down is over; trying ${(decision.grant?.probeRecipes ?? []).join(", ")}`
    }))

const ran = (turns: ReadonlyArray<Turn>): ReadonlyArray<Entry> => {
  const running = turns.filter(({ decision }) => decision.decision === "run")
  const [first] = running
  if (first === undefined) return []
  const add = (pick: (turn: Turn) => number): number => running.reduce((sum, turn) => sum + pick(turn), 0)
  const passed = add(({ recorded }) => recorded?.attempts.passed ?? 0)
  const failed = add(({ recorded }) => recorded?.attempts.failed ?? 0)
  const macos = add(({ minutes }) => minutes.macos ?? 0)
  const sampled = running.filter(({ decision }) => (decision.sampling.macos ?? 1) < 1)
  const rate = Math.round((sampled[0]?.decision.sampling.macos ?? 1) * 100)
  return [
    {
      at: first.at,
      colour: "green",
      what: "run",
      who: running.length === 1 ? first.ecosystem : `${running.length} of 6`,
      why:
        `${passed} of ${passed + failed} recipes passed, ${macos} of them tried on macOS` +
        (sampled.length > 0 ? ` (batches of ${sampled[0]?.decision.batchSize}, macOS sampled at ${rate} %)` : "")
    }
  ]
}

/** An hour's turns as entries, in the order of their times. */
export const entriesOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<Entry> => [
  ...held(turns),
  ...probes(turns),
  ...ran(turns),
  ...turns.flatMap(remarks)
]
