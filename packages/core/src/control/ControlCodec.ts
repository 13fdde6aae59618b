/**
 * Reading and writing `batch-control.json`. Stable key order, two-space JSON, final newline; a field that is not known
 * here is kept; what cannot be read is never guessed. Rules: SPEC.md, section CF.
 */
import * as Result from "effect/Result"
import type { BudgetState } from "../budget/Budget.ts"
import { roundUp } from "../budget/Minutes.ts"
import { decodeWith, describe, type Fault, parseText } from "../json/Fault.ts"
import { isName } from "../json/Field.ts"
import { isObject, type Json, type JsonObject } from "../json/Json.ts"
import { pathOf } from "../json/StrictJson.ts"

import * as BreakerCodec from "./BreakerCodec.ts"
import type { ControlFile } from "./ControlFile.ts"
import { type BudgetShape, ControlShape, USED, VERSION } from "./ControlFileShape.ts"
import * as Pause from "./Pause.ts"
import * as PauseCodec from "./PauseCodec.ts"
import * as ReservationCodec from "./ReservationCodec.ts"
import { entryOf, instantOf, text, unknownOf, written } from "./Written.ts"

const BUDGET_KEYS = ["week_start", "sampling_active", "reservations", "expired"]
const ROOT_KEYS = [
  "enabled",
  "disabled_ecosystems",
  "reason",
  "incident_url",
  "disabled_by",
  "disabled_at",
  "expected_resume",
  "circuit_breaker",
  "budget",
  "version",
  "pauses"
]

/** Usage by platform. Decimals are allowed in the file and rounded up, as the forges bill: never fewer than stated. */
const readUsed = (budget: BudgetShape): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries({ linux_minutes_used: 0, macos_minutes_used: 0, ...budget }).flatMap(([key, value]) => {
      const platform = USED.exec(key)?.[1]
      return platform === undefined || typeof value !== "number" ? [] : [[platform, roundUp(value)] as const]
    })
  )

const readBudget = (shape: BudgetShape, raw: Json | undefined): BudgetState => ({
  expired: ReservationCodec.readExpired(shape.expired ?? [], raw),
  reservations: ReservationCodec.readReservations(shape.reservations ?? [], raw),
  samplingActive: shape.sampling_active ?? false,
  unknown: Object.fromEntries(Object.entries(unknownOf(raw, BUDGET_KEYS)).filter(([key]) => !USED.test(key))),
  used: readUsed(shape),
  weekStart: instantOf(shape.week_start)
})

const writeBudget = (budget: BudgetState): JsonObject => {
  const { linux = 0, macos = 0, ...others } = budget.used
  return written({
    macos_minutes_used: macos,
    linux_minutes_used: linux,
    ...Object.fromEntries(
      Object.entries(others)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([platform, minutes]) => [`${platform}_minutes_used`, minutes])
    ),
    week_start: text(budget.weekStart) ?? "",
    sampling_active: budget.samplingActive,
    reservations:
      budget.reservations.length === 0 ? undefined : budget.reservations.map(ReservationCodec.writeReservation),
    expired: budget.expired.length === 0 ? undefined : budget.expired.map(ReservationCodec.writeExpired),
    ...budget.unknown
  })
}

/** A published stop that nobody recorded: it holds until someone resumes. */
const stopByHand = (shape: ControlShape): Pause.Pause => ({
  at: instantOf(shape.disabled_at),
  author: Pause.HAND_EDIT,
  autoResume: false,
  category: undefined,
  expectedResume: instantOf(shape.expected_resume),
  incidentUrl: PauseCodec.present(shape.incident_url),
  reason: PauseCodec.present(shape.reason) ?? "stopped in the control file, without a reason",
  unknown: {}
})

/** A stop in either place stops: a published one without a pause becomes a pause. */
const readPauses = (shape: ControlShape, raw: JsonObject): Pause.Pauses => {
  const recorded = Object.entries(shape.pauses ?? {}).map(
    ([scope, pause]) => [scope, PauseCodec.readPause(pause, entryOf(raw.pauses, scope))] as const
  )
  const stopped = [...(shape.enabled ? [] : [Pause.EVERYTHING]), ...(shape.disabled_ecosystems ?? [])]
  return stopped
    .filter((scope) => !recorded.some(([known]) => known === scope))
    .reduce((pauses, scope) => Pause.add(pauses, scope, stopByHand(shape)), Pause.sorted(Object.fromEntries(recorded)))
}

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1

const read = (shape: ControlShape, raw: JsonObject): ControlFile => ({
  breakers: Object.fromEntries(
    Object.entries(shape.circuit_breaker ?? {})
      .map(([name, breaker]) => [name, BreakerCodec.readBreaker(breaker, entryOf(raw.circuit_breaker, name))] as const)
      .sort(byName)
  ),
  budget: readBudget(shape.budget ?? {}, raw.budget),
  pauses: readPauses(shape, raw),
  stop: {
    disabledAt: instantOf(shape.disabled_at),
    disabledBy: shape.disabled_by ?? "",
    disabledEcosystems: shape.disabled_ecosystems ?? [],
    enabled: shape.enabled,
    expectedResume: instantOf(shape.expected_resume),
    incidentUrl: shape.incident_url ?? "",
    reason: shape.reason ?? ""
  },
  unknown: unknownOf(raw, ROOT_KEYS)
})

/** A key that cannot be a name would be passed over by the schema: a stop or a breaker that nobody reads. */
const misnamed = (
  parent: Json | undefined,
  path: string,
  expected: string,
  allowed: (key: string) => boolean
): ReadonlyArray<Fault> =>
  isObject(parent)
    ? Object.keys(parent)
        .filter((key) => !allowed(key))
        .map((key) => ({ expected, found: `the key ${describe(key)}`, path: pathOf(path, key) }))
    : []

const misnamedKeys = (raw: JsonObject): ReadonlyArray<Fault> => [
  ...misnamed(raw.circuit_breaker, "circuit_breaker", "the name of an ecosystem", isName),
  ...misnamed(
    raw.pauses,
    "pauses",
    'the name of an ecosystem, or "*"',
    (key) => key === Pause.EVERYTHING || isName(key)
  ),
  ...misnamed(raw.budget, "budget", "PLATFORM_minutes_used", (key) => !key.endsWith("_minutes_used") || USED.test(key)),
  ...misnamedMinutes(raw, "reservations"),
  ...misnamedMinutes(raw, "expired")
]

/** Minutes of a platform that cannot have this name would be lost on the next rewrite. */
const misnamedMinutes = (raw: JsonObject, field: "reservations" | "expired"): ReadonlyArray<Fault> => {
  const list = isObject(raw.budget) ? raw.budget[field] : undefined
  return (Array.isArray(list) ? list : []).flatMap((entry, index) => {
    const minutes: Json | undefined = isObject(entry) ? entry.minutes : undefined
    return misnamed(minutes, pathOf(pathOf(`budget.${field}`, index), "minutes"), "the name of a platform", isName)
  })
}

/** Two reservations of one run would make "who holds what" ambiguous. */
const doubled = (shape: ControlShape): ReadonlyArray<Fault> => {
  const seen = new Set<string>()
  return (shape.budget?.reservations ?? []).flatMap(({ ecosystem, run_key }, index) => {
    const holder = `${ecosystem} ${run_key}`
    const fault = {
      expected: "one reservation a run",
      found: `a second one for ${holder}`,
      path: `budget.reservations[${index}]`
    }
    if (seen.has(holder)) return [fault]
    seen.add(holder)
    return []
  })
}

/** Fewer levels than a line of the log may have, so that an event that holds this file can be read back. */
const DEEPEST = 100

const isDeeper = (value: Json, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))

const tooDeep = (value: Json): ReadonlyArray<Fault> =>
  isDeeper(value, DEEPEST)
    ? [{ expected: `at most ${DEEPEST} levels of nesting`, found: "a value that is nested deeper", path: "" }]
    : []

/** Decodes a JSON value; every fault with its path, what was found and what was expected. */
export const fromJson = (value: Json): Result.Result<ControlFile, ReadonlyArray<Fault>> =>
  Result.flatMap(decodeWith(ControlShape, "open")(value), (shape) => {
    const raw = isObject(value) ? value : {}
    const faults = [...tooDeep(raw), ...misnamedKeys(raw), ...doubled(shape)]
    return faults.length > 0 ? Result.fail(faults) : Result.succeed(read(shape, raw))
  })

/** Decodes the text of a control file. */
export const decode = (source: string): Result.Result<ControlFile, ReadonlyArray<Fault>> =>
  Result.flatMap(parseText(source), fromJson)

/** The control file as JSON, keys in the order of the file. */
export const toJson = (file: ControlFile): JsonObject =>
  written({
    enabled: file.stop.enabled,
    disabled_ecosystems: file.stop.disabledEcosystems,
    reason: file.stop.reason,
    incident_url: file.stop.incidentUrl,
    disabled_by: file.stop.disabledBy,
    disabled_at: text(file.stop.disabledAt) ?? "",
    expected_resume: text(file.stop.expectedResume) ?? "",
    circuit_breaker: Object.fromEntries(
      Object.entries(file.breakers)
        .sort(byName)
        .map(([name, breaker]) => [name, BreakerCodec.writeBreaker(breaker)])
    ),
    budget: writeBudget(file.budget),
    version: VERSION,
    pauses:
      Object.keys(file.pauses).length === 0
        ? undefined
        : Object.fromEntries(
            Object.entries(file.pauses).map(([scope, pause]) => [scope, PauseCodec.writePause(pause)])
          ),
    ...file.unknown
  })

/** The text of a control file. `decode(encode(file))` is `file`. */
export const encode = (file: ControlFile): string => `${JSON.stringify(toJson(file), null, 2)}\n`
