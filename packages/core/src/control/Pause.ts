import type { JsonObject } from "../json/Json.ts"
import type { EpochMillis } from "../time/Instant.ts"

/** The scope of a pause of everything; no ecosystem can have this name. */
export const EVERYTHING = "*"

/** Who stopped it when a stop stands in the published fields and nobody recorded a pause. */
export const HAND_EDIT = "hand edit"

/** A person's stop of one ecosystem, or of all. */
export interface Pause {
  readonly reason: string
  readonly category: string | undefined
  readonly incidentUrl: string | undefined
  readonly author: string
  readonly at: EpochMillis | undefined
  /** When its author expects to resume. Information only, unless `autoResume`. */
  readonly expectedResume: EpochMillis | undefined
  /** Ends by itself at exactly `expectedResume`. */
  readonly autoResume: boolean
  readonly unknown: JsonObject
}

/** One pause a scope: an ecosystem's name, or {@link EVERYTHING}. */
export type Pauses = Readonly<Record<string, Pause>>

/** When a pause ends by itself; `undefined` is never. */
export const endOf = (pause: Pause): EpochMillis | undefined => (pause.autoResume ? pause.expectedResume : undefined)

/** Two pauses of one scope: the one that ends later stays whole, and never is latest. On a tie the newer one. */
export const later = (earlier: Pause, newer: Pause): Pause => {
  const [first, second] = [endOf(earlier), endOf(newer)]
  if (second === undefined) return newer
  return first === undefined || first > second ? earlier : newer
}

/** Whether a pause still holds: strictly before its end. */
export const holds = (pause: Pause, now: EpochMillis): boolean => {
  const end = endOf(pause)
  return end === undefined || now < end
}

/** The pauses that bear on an ecosystem: the one for all first. */
export const bearingOn = (pauses: Pauses, ecosystem: string): ReadonlyArray<readonly [string, Pause]> =>
  [EVERYTHING, ecosystem].flatMap((scope) => {
    const pause = Object.hasOwn(pauses, scope) ? pauses[scope] : undefined
    return pause === undefined ? [] : [[scope, pause] as const]
  })

/** The scopes in order, whichever came first. */
export const sorted = (pauses: Pauses): Pauses =>
  Object.fromEntries(Object.entries(pauses).sort(([left], [right]) => (left < right ? -1 : 1)))

/** Adds a pause, joined with one that the scope already has. */
export const add = (pauses: Pauses, scope: string, pause: Pause): Pauses => {
  const standing = Object.hasOwn(pauses, scope) ? pauses[scope] : undefined
  return sorted({ ...pauses, [scope]: standing === undefined ? pause : later(standing, pause) })
}

export const without = (pauses: Pauses, lifted: (scope: string, pause: Pause) => boolean): Pauses =>
  Object.fromEntries(Object.entries(pauses).filter(([scope, pause]) => !lifted(scope, pause)))
