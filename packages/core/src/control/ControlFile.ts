/**
 * The control file, `batch-control.json`, in memory: operator intent and machine state. The names and their meaning
 * on disk are in ControlFileShape.ts; reading and writing in ControlCodec.ts.
 */
import * as BreakerState from "../breaker/BreakerState.ts"
import * as Budget from "../budget/Budget.ts"
import type { JsonObject } from "../json/Json.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as Pause from "./Pause.ts"

/** The published stop fields. Older readers look at nothing else, so every pause is mirrored here. */
export interface PublishedStop {
  readonly enabled: boolean
  readonly disabledEcosystems: ReadonlyArray<string>
  /** Empty for none, as published. */
  readonly reason: string
  readonly incidentUrl: string
  readonly disabledBy: string
  readonly disabledAt: EpochMillis | undefined
  readonly expectedResume: EpochMillis | undefined
}

export interface ControlFile {
  readonly stop: PublishedStop
  readonly pauses: Pause.Pauses
  readonly breakers: Readonly<Record<string, BreakerState.BreakerState>>
  readonly budget: Budget.BudgetState
  /** Fields of the file that this version does not know; kept. */
  readonly unknown: JsonObject
}

export const initial: ControlFile = {
  breakers: {},
  budget: Budget.initial,
  pauses: {},
  stop: {
    disabledAt: undefined,
    disabledBy: "",
    disabledEcosystems: [],
    enabled: true,
    expectedResume: undefined,
    incidentUrl: "",
    reason: ""
  },
  unknown: {}
}

/** An ecosystem's breaker; one that the file does not name is as nothing had happened to it. */
export const breakerOf = (file: ControlFile, ecosystem: string): BreakerState.BreakerState =>
  (Object.hasOwn(file.breakers, ecosystem) ? file.breakers[ecosystem] : undefined) ?? BreakerState.initial

/** The file with one breaker replaced. Their order is the codec's business. */
export const withBreaker = (file: ControlFile, ecosystem: string, breaker: BreakerState.BreakerState): ControlFile => ({
  ...file,
  breakers: { ...file.breakers, [ecosystem]: breaker }
})

/** The pause that the published fields describe: the one for all, else the newest. */
const mirrored = (pauses: Pause.Pauses): Pause.Pause | undefined =>
  pauses[Pause.EVERYTHING] ??
  Object.values(pauses).reduce<Pause.Pause | undefined>(
    (newest, pause) => (newest === undefined || (pause.at ?? 0) > (newest.at ?? 0) ? pause : newest),
    undefined
  )

const stopFor = (pauses: Pause.Pauses): PublishedStop => {
  const pause = mirrored(pauses)
  return {
    disabledAt: pause?.at,
    disabledBy: pause?.author ?? "",
    disabledEcosystems: Object.keys(pauses)
      .filter((scope) => scope !== Pause.EVERYTHING)
      .sort(),
    enabled: !Object.hasOwn(pauses, Pause.EVERYTHING),
    expectedResume: pause?.expectedResume,
    incidentUrl: pause?.incidentUrl ?? "",
    reason: pause?.reason ?? ""
  }
}

/** The file with other pauses, mirrored into the published fields so that older readers stop too. */
export const withPauses = (file: ControlFile, pauses: Pause.Pauses): ControlFile => ({
  ...file,
  pauses,
  stop: stopFor(pauses)
})

/** Stops that older readers must see, whatever the fields say now; the words beside them are left as they are. */
export const withStopsMirrored = (file: ControlFile): ControlFile => {
  const { disabledEcosystems, enabled } = stopFor(file.pauses)
  const same = enabled === file.stop.enabled && disabledEcosystems.join(" ") === file.stop.disabledEcosystems.join(" ")
  return same ? file : { ...file, stop: { ...file.stop, disabledEcosystems, enabled } }
}
