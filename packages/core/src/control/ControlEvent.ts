/**
 * Everything that can happen to the control file. An event is a fact: its time and author are fixed when it is made,
 * and it says all that a reduction needs. On disk it is one line of JSON in the message of a control commit.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { Amount, Count, Name, Positive, RunKey } from "../json/Field.ts"
import { isObject, type Json, type JsonObject, print } from "../json/Json.ts"
import { BatchAdopted, BatchMerged, BatchOpened, BatchProposed, BatchRolledBack, BatchSealed } from "./BatchEvents.ts"
import { Scope } from "./ControlFileShape.ts"
import { At, OwnId, origin } from "./EventFields.ts"

const JsonObjectField = Schema.declare(isObject, { expected: "an object" })
const Minutes = Schema.Record(Name, Count)

const Ordered = Schema.Struct({
  results: Schema.String.check(Schema.isPattern(/^[PFS]*$/, { expected: "a text of P, F and S" })),
  categories: Schema.Record(Schema.String, Schema.Array(Count))
})
const Bare = Schema.Struct({ passed: Count, failed: Count, skipped: Count })

const type = { _tag: "type" } as const
const run = { ...type, runKey: "run_key" } as const

/** The control branch begins. */
const Initialised = Schema.Struct({ ...origin, _tag: Schema.tag("Initialised"), id: OwnId })
/** The control branch begins with a published control file. */
const Imported = Schema.Struct({ ...origin, _tag: Schema.tag("Imported"), id: OwnId, control: JsonObjectField })
/** A policy is used for the first time; its normal form stands on the control branch under its hash. */
const PolicyAdopted = Schema.Struct({ ...origin, _tag: Schema.tag("PolicyAdopted"), hash: Schema.String })
/** A claim was granted. */
const RunAdmitted = Schema.Struct({
  ...origin,
  _tag: Schema.tag("RunAdmitted"),
  ecosystem: Name,
  runKey: RunKey,
  batch: Schema.optionalKey(Schema.String),
  /** The most attempts that the claimant asked for; absent: as many as the gate allows. */
  maxAttempts: Schema.optionalKey(Positive),
  probeRecipes: Schema.optionalKey(Schema.Array(Schema.String))
})
/** A run reports. Minutes are whole ones by platform; absent: none were stated. */
const RunCompleted = Schema.Struct({
  ...origin,
  _tag: Schema.tag("RunCompleted"),
  ecosystem: Name,
  runKey: RunKey,
  batch: Schema.optionalKey(Schema.String),
  attempts: Schema.Union([Ordered, Bare]),
  minutes: Schema.optionalKey(Minutes),
  startedAt: Schema.optionalKey(At),
  /** How many recipes passed and failed, as estimated, where validation was sampled; in a small run either may be below 0. */
  weighted: Schema.optionalKey(Schema.Struct({ passed: Schema.Finite, failed: Schema.Finite })),
  durationSeconds: Schema.optionalKey(Amount)
})
/** A run gives its grant back. */
const RunAbandoned = Schema.Struct({
  ...origin,
  _tag: Schema.tag("RunAbandoned"),
  ecosystem: Name,
  runKey: RunKey,
  minutes: Schema.optionalKey(Minutes)
})
/** A run that is still at work asks for a full lease from now on. */
const LeaseExtended = Schema.Struct({
  ...origin,
  _tag: Schema.tag("LeaseExtended"),
  id: OwnId,
  ecosystem: Name,
  runKey: RunKey
})
/** A person stops one ecosystem, or all. */
const Paused = Schema.Struct({
  ...origin,
  _tag: Schema.tag("Paused"),
  id: OwnId,
  scope: Scope,
  reason: Schema.NonEmptyString,
  category: Schema.optionalKey(Schema.String),
  incidentUrl: Schema.optionalKey(Schema.String),
  expectedResume: Schema.optionalKey(At),
  autoResume: Schema.Boolean
})
/** A person lifts the pause of a scope, or every pause. */
const Resumed = Schema.Struct({
  ...origin,
  _tag: Schema.tag("Resumed"),
  id: OwnId,
  scope: Schema.Union([Scope, Schema.Literal("everything")])
})
/** A person closes a breaker, whatever it stands at. */
const BreakerReset = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BreakerReset"),
  id: OwnId,
  ecosystem: Name,
  reason: Schema.NonEmptyString
})
/** A person corrects the minutes spent; a negative change takes some back. */
const BudgetAdjusted = Schema.Struct({
  ...origin,
  _tag: Schema.tag("BudgetAdjusted"),
  id: OwnId,
  minutes: Schema.Record(Name, Schema.Int),
  reason: Schema.NonEmptyString
})
/** What stands in the file without an event is taken over as it stands. */
const HandEditAdopted = Schema.Struct({
  ...origin,
  _tag: Schema.tag("HandEditAdopted"),
  id: OwnId,
  control: JsonObjectField,
  reason: Schema.String
})

/** Built when an event is first written or read: a gate that only asks starts the sooner. */
const build = () =>
  Schema.Union([
    Initialised.pipe(Schema.encodeKeys(type)),
    Imported.pipe(Schema.encodeKeys(type)),
    PolicyAdopted.pipe(Schema.encodeKeys(type)),
    RunAdmitted.pipe(Schema.encodeKeys({ ...run, maxAttempts: "max_attempts", probeRecipes: "probe_recipes" })),
    RunCompleted.pipe(Schema.encodeKeys({ ...run, durationSeconds: "duration_seconds", startedAt: "started_at" })),
    RunAbandoned.pipe(Schema.encodeKeys(run)),
    LeaseExtended.pipe(Schema.encodeKeys(run)),
    Paused.pipe(
      Schema.encodeKeys({
        ...type,
        autoResume: "auto_resume",
        expectedResume: "expected_resume",
        incidentUrl: "incident_url"
      })
    ),
    Resumed.pipe(Schema.encodeKeys(type)),
    BreakerReset.pipe(Schema.encodeKeys(type)),
    BudgetAdjusted.pipe(Schema.encodeKeys(type)),
    HandEditAdopted.pipe(Schema.encodeKeys(type)),
    BatchOpened.pipe(Schema.encodeKeys(type)),
    BatchSealed.pipe(Schema.encodeKeys(type)),
    BatchProposed.pipe(Schema.encodeKeys({ ...type, pullRequest: "pull_request" })),
    BatchMerged.pipe(Schema.encodeKeys(type)),
    BatchRolledBack.pipe(Schema.encodeKeys(type)),
    BatchAdopted.pipe(Schema.encodeKeys(type))
  ])
let built: ReturnType<typeof build> | undefined
const schema = (): ReturnType<typeof build> => {
  built ??= build()
  return built
}
export type ControlEvent = ReturnType<typeof build>["Type"]
export type Tag = ControlEvent["_tag"]
export type Of<T extends Tag> = Extract<ControlEvent, { readonly _tag: T }>

/** An event as JSON, with the keys of the log. */
export const toJson = (event: ControlEvent): JsonObject => {
  const encoded: unknown = Schema.encodeSync(schema())(event)
  return isObject(encoded) ? encoded : {}
}

/** Reads an event from JSON; unknown keys are faults, since an event is never rewritten. */
export const fromJson = (value: Json): Result.Result<ControlEvent, ReadonlyArray<Fault>> =>
  decodeWith(schema(), "closed")(value)

/** Reads an event from a line of JSON. */
export const parse = (line: string): Result.Result<ControlEvent, ReadonlyArray<Fault>> =>
  Result.flatMap(parseText(line), fromJson)

/** The scope that an event belongs to: an ecosystem, or `*` for all. */
export const scopeOf = (event: ControlEvent): string =>
  "ecosystem" in event
    ? event.ecosystem
    : event._tag === "Paused" || (event._tag === "Resumed" && event.scope !== "everything")
      ? event.scope
      : "*"

const ownIdOf = (event: ControlEvent): string => {
  switch (event._tag) {
    case "PolicyAdopted":
      return event.hash
    case "BatchOpened":
    case "BatchSealed":
      return event.batch
    case "BatchMerged":
      return `${event.batch} ${event.commit}${event.instead === undefined ? "" : ` ${event.instead}`}`
    case "BatchRolledBack":
      return `${event.batch} ${event.commit}`
    default:
      return "id" in event ? event.id : event.runKey
  }
}

/** The batches that an event is about; of a run's event none, since it only names the one that it worked on. */
export const batchesOf = (event: ControlEvent): ReadonlyArray<string> =>
  event._tag === "BatchAdopted"
    ? event.batches.map(({ batch }) => batch)
    : "batch" in event && "digest" in event
      ? [event.batch]
      : []

/** What makes two events the same one: type, scope, and run key, batch ID or own ID. */
export const identityOf = (event: ControlEvent): string => `${event._tag} ${scopeOf(event)} ${ownIdOf(event)}`

const PAYLOAD_DIGITS = 32

/** 128 bits over what an event says, its time and author aside. */
export const payloadHash = (event: ControlEvent): string => {
  const { at: _at, author: _author, ...payload } = toJson(event)
  return Sha256.hex(print(payload)).slice(0, PAYLOAD_DIGITS)
}
