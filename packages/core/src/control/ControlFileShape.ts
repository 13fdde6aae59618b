/**
 * The shape of `batch-control.json` on disk. The first nine fields and the first four of a breaker are the published
 * ones; an empty string there is "none". Everything else is added. The JSON Schema is generated from here.
 */
import * as Schema from "effect/Schema"
import { Amount, Count, InstantOrEmpty, InstantText, Name, Positive, RunKey } from "../json/Field.ts"

/** The newest shape that this version reads. */
export const VERSION = 1

export const Scope = Schema.String.check(
  Schema.isPattern(/^(?:\*|[a-z0-9][a-z0-9._-]{0,63})$/u, { expected: 'an ecosystem\'s name, or "*" for all' })
)

const Outcomes = Schema.String.check(Schema.isPattern(/^[PF]*$/u, { expected: "a text of P (passed) and F (failed)" }))

export const ProbeShape = Schema.Struct({ run_key: RunKey, expires_at: InstantText }).annotate({ identifier: "Probe" })

export const BreakerShape = Schema.Struct({
  state: Schema.Literals(["closed", "open", "half-open"]),
  failures: Schema.optionalKey(Count),
  last_failure: Schema.optionalKey(InstantOrEmpty),
  opens_at: Schema.optionalKey(InstantOrEmpty),
  window: Schema.optionalKey(Outcomes),
  generation: Schema.optionalKey(Count),
  trips: Schema.optionalKey(Count),
  opened_at: Schema.optionalKey(InstantText),
  closed_at: Schema.optionalKey(InstantText),
  half_open_successes: Schema.optionalKey(Count),
  probe: Schema.optionalKey(ProbeShape),
  recent_probes: Schema.optionalKey(Schema.Array(Schema.String))
}).annotate({ identifier: "Breaker" })

export const PauseShape = Schema.Struct({
  reason: Schema.String,
  category: Schema.optionalKey(Schema.String),
  incident_url: Schema.optionalKey(Schema.String),
  by: Schema.String,
  at: Schema.optionalKey(InstantText),
  expected_resume: Schema.optionalKey(InstantText),
  auto_resume: Schema.optionalKey(Schema.Boolean)
})
  .check(
    Schema.makeFilter((pause) => pause.auto_resume !== true || pause.expected_resume !== undefined, {
      expected: "an expected_resume beside auto_resume",
      toJsonSchema: () => ({})
    })
  )
  .annotate({ identifier: "Pause" })

const MinutesShape = Schema.Record(Name, Count)

export const ReservationShape = Schema.Struct({
  ecosystem: Name,
  run_key: RunKey,
  kind: Schema.Literals(["run", "probe"]),
  generation: Count,
  admitted_at: InstantText,
  expires_at: InstantText,
  batch_size: Positive,
  max_attempts: Positive,
  limit: Schema.optionalKey(Positive),
  minutes: MinutesShape,
  batch: Schema.optionalKey(Schema.String),
  probe_recipes: Schema.optionalKey(Schema.Array(Schema.String)),
  by: Schema.String
}).annotate({ identifier: "Reservation" })

export const ExpiredShape = Schema.Struct({
  ecosystem: Name,
  run_key: RunKey,
  expired_at: InstantText,
  minutes: MinutesShape
}).annotate({ identifier: "Expired" })

/** `macos_minutes_used`, `linux_minutes_used`, and the same for any other platform. */
export const USED = /^([a-z0-9][a-z0-9._-]{0,63})_minutes_used$/

export const BudgetShape = Schema.StructWithRest(
  Schema.Struct({
    week_start: Schema.optionalKey(InstantOrEmpty),
    sampling_active: Schema.optionalKey(Schema.Boolean),
    reservations: Schema.optionalKey(Schema.Array(ReservationShape)),
    expired: Schema.optionalKey(Schema.Array(ExpiredShape))
  }),
  [Schema.Record(Schema.TemplateLiteral([Schema.String, "_minutes_used"]), Amount)]
).annotate({ identifier: "Budget" })

export const ControlShape = Schema.Struct({
  enabled: Schema.Boolean,
  disabled_ecosystems: Schema.optionalKey(Schema.Array(Name)),
  reason: Schema.optionalKey(Schema.String),
  incident_url: Schema.optionalKey(Schema.String),
  disabled_by: Schema.optionalKey(Schema.String),
  disabled_at: Schema.optionalKey(InstantOrEmpty),
  expected_resume: Schema.optionalKey(InstantOrEmpty),
  circuit_breaker: Schema.optionalKey(Schema.Record(Name, BreakerShape)),
  budget: Schema.optionalKey(BudgetShape),
  version: Schema.optionalKey(
    Schema.Int.check(
      Schema.isBetween(
        { maximum: VERSION, minimum: 1 },
        { expected: `version ${VERSION}; a newer file needs a newer batchbrake` }
      )
    )
  ),
  pauses: Schema.optionalKey(Schema.Record(Scope, PauseShape))
}).annotate({ identifier: "ControlFile", title: "Batchbrake control file (batch-control.json)" })
export type ControlShape = typeof ControlShape.Type
export type BreakerShape = typeof BreakerShape.Type
export type BudgetShape = typeof BudgetShape.Type
export type PauseShape = typeof PauseShape.Type
export type ProbeShape = typeof ProbeShape.Type
export type ReservationShape = typeof ReservationShape.Type
export type ExpiredShape = typeof ExpiredShape.Type
