/** The published JSON shapes, as key sets and types. A key too many is a fault here: shapes grow on purpose only. */
import * as Schema from "effect/Schema"

const Instant = Schema.String.check(Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/))
/** The published fields say "none" with an empty text. */
const InstantOrEmpty = Schema.Union([Instant, Schema.Literal("")])
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Minutes = Schema.Record(Schema.String, Count)
const Texts = Schema.Array(Schema.String)
const Notice = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  severity: Schema.Literals(["info", "warning", "critical"])
})
const Notices = Schema.Array(Notice)

export const ErrorShape = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  path: Schema.optionalKey(Schema.String)
})

const Grant = Schema.Struct({
  admitted_at: Instant,
  batch: Schema.optionalKey(Schema.String),
  batch_size: Count,
  by: Schema.String,
  ecosystem: Schema.String,
  expires_at: Instant,
  generation: Count,
  kind: Schema.Literals(["run", "probe"]),
  limit: Schema.optionalKey(Count),
  max_attempts: Count,
  minutes: Minutes,
  probe_recipes: Schema.optionalKey(Texts),
  run_key: Schema.String
})

const decision = {
  batch_size: Count,
  decision: Schema.Literals(["run", "probe", "hold"]),
  ecosystem: Schema.String,
  grant: Schema.NullOr(Grant),
  max_attempts: Count,
  reasons: Schema.NonEmptyArray(Schema.Struct({ code: Schema.String, message: Schema.NonEmptyString })),
  retry_at: Schema.NullOr(Instant),
  run_key: Schema.NullOr(Schema.String),
  sampling: Schema.Record(Schema.String, Schema.Finite)
}

const Breaker = Schema.Struct({
  closed_at: Schema.optionalKey(Instant),
  failures: Count,
  generation: Schema.optionalKey(Count),
  half_open_successes: Schema.optionalKey(Count),
  last_failure: Schema.optionalKey(InstantOrEmpty),
  opened_at: Schema.optionalKey(Instant),
  opens_at: Schema.optionalKey(InstantOrEmpty),
  probe: Schema.optionalKey(Schema.Struct({ expires_at: Instant, run_key: Schema.String })),
  recent_probes: Schema.optionalKey(Texts),
  state: Schema.Literals(["closed", "open", "half-open"]),
  trips: Schema.optionalKey(Count),
  window: Schema.optionalKey(Schema.String)
})

const Control = Schema.Struct({
  budget: Schema.Struct({
    linux_minutes_used: Count,
    macos_minutes_used: Count,
    reservations: Schema.optionalKey(Schema.Array(Grant)),
    sampling_active: Schema.Boolean,
    week_start: Instant
  }),
  circuit_breaker: Schema.Record(Schema.String, Breaker),
  disabled_at: Schema.String,
  disabled_by: Schema.String,
  disabled_ecosystems: Texts,
  enabled: Schema.Boolean,
  expected_resume: Schema.String,
  incident_url: Schema.String,
  pauses: Schema.optionalKey(Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown))),
  reason: Schema.String,
  version: Schema.Literal(1)
})

const done = { applied: Schema.Boolean, notices: Notices }

const Entry = Schema.NullOr(Schema.Struct({ blob: Schema.String, mode: Schema.String }))
const batch = {
  aliases: Texts,
  commit: Schema.NullOr(Schema.String),
  ecosystems: Texts,
  id: Schema.String,
  paths: Texts,
  state: Schema.Literals(["open", "sealed", "merged", "rolled-back"])
}
const Batches = Schema.Array(Schema.Struct(batch))
const Coded = { code: Schema.String, message: Schema.NonEmptyString }
const Step = Schema.Struct({
  action: Schema.String,
  after: Entry,
  before: Entry,
  changed_by: Schema.Array(
    Schema.Struct({ batch: Schema.NullOr(Schema.String), commit: Schema.String, subject: Schema.String })
  ),
  current: Entry,
  outcome: Entry,
  path: Schema.String
})

const Figure = Schema.NullOr(Schema.Finite)
const Cost = Schema.Struct({
  dollars: Schema.Finite,
  earlier_prices_from: Schema.optionalKey(Schema.Array(Schema.NullOr(Instant))),
  prices_from: Schema.NullOr(Instant),
  source: Schema.String,
  unpriced: Texts
})
const Burning = Schema.Struct({
  attempts: Count,
  firing: Schema.Boolean,
  long: Figure,
  long_hours: Schema.Finite,
  maximum: Figure,
  name: Schema.String,
  reachable: Schema.Boolean,
  short: Figure,
  short_hours: Schema.Finite,
  threshold: Schema.Finite
})
const Sli = Schema.Struct({
  anomalies: Schema.Array(
    Schema.Struct({ certain: Schema.Boolean, kind: Schema.String, message: Schema.NonEmptyString })
  ),
  burn_rates: Schema.Array(Burning),
  cost: Cost,
  ecosystem: Schema.String,
  effective_attempts: Figure,
  error_budget: Schema.NullOr(
    Schema.Struct({
      allowed: Schema.Finite,
      exhausted_at: Schema.NullOr(Instant),
      failed: Schema.Finite,
      remaining: Schema.Finite
    })
  ),
  failed: Count,
  interval: Schema.NullOr(Schema.Tuple([Schema.Finite, Schema.Finite])),
  latency: Schema.Struct({ p50_seconds: Figure, p95_seconds: Figure, timed: Count }),
  minutes: Minutes,
  newest_run_at: Schema.NullOr(Instant),
  objective: Schema.Finite,
  passed: Count,
  runs: Count,
  skipped: Count,
  success_rate: Figure,
  vacuous_runs: Count,
  verdict: Schema.Literals(["met", "violated", "inconclusive", "no-data", "stale"])
})
const Alert = Schema.Struct({
  condition: Schema.String,
  frozen_since: Schema.optionalKey(Instant),
  incident_class: Schema.Literals(["critical", "high", "medium", "low"]),
  message: Schema.NonEmptyString,
  opened_at: Instant,
  response_minutes: Schema.NullOr(Count),
  severity: Schema.Literals(["critical", "warning", "info"]),
  subject: Schema.NonEmptyString,
  updated_at: Instant
})

/** With `--issues`. */
const kept = {
  error: Schema.optionalKey(ErrorShape),
  issues: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        action: Schema.Literals(["opened", "reopened", "updated", "closed", "unchanged"]),
        address: Schema.NonEmptyString,
        condition: Schema.String,
        number: Count,
        subject: Schema.NonEmptyString
      })
    )
  )
}

export const SHAPES = {
  abandon: Schema.Struct({ ...done, run_key: Schema.String }),
  alerts: Schema.Struct({
    alerts: Schema.Array(Alert),
    at: Instant,
    changes: Schema.Array(
      Schema.Struct({ alert: Alert, at: Instant, transition: Schema.Literals(["opened", "updated", "resolved"]) })
    ),
    notices: Notices,
    store: Schema.String,
    told: Count,
    undelivered: Count,
    unread: Texts,
    ...kept
  }),
  audit: Schema.Struct({
    ...kept,
    findings: Schema.Array(
      Schema.Struct({ code: Schema.String, commit: Schema.String, message: Schema.String, path: Schema.String })
    ),
    notices: Schema.optionalKey(Notices)
  }),
  auditAdopt: Schema.Struct({ ...done, findings: Schema.Array(Schema.Unknown) }),
  batchAdopt: Schema.Struct({
    batches: Batches,
    dry_run: Schema.Boolean,
    fresh: Texts,
    skipped: Schema.Array(Schema.Struct({ ...Coded, commit: Schema.String, subject: Schema.String }))
  }),
  batchList: Schema.Struct({
    batches: Batches,
    refused: Schema.Array(Schema.Struct({ ...Coded, id: Schema.String }))
  }),
  batchMerged: Schema.Struct({
    ...batch,
    applied: Schema.Boolean,
    confirms: Schema.Literals(["batch", "rollback"]),
    differs: Texts,
    outside: Texts
  }),
  batchProposed: Schema.Struct({
    ...batch,
    applied: Schema.Boolean,
    proposes: Schema.Literals(["batch", "rollback"]),
    pull_request: Schema.String
  }),
  batchOpen: Schema.Struct({ id: Schema.String }),
  batchSeal: Schema.Struct({ ...batch, applied: Schema.Boolean }),
  batchShow: Schema.Struct({ ...batch, manifest: Schema.Record(Schema.String, Schema.Unknown) }),
  budget: Schema.Struct({ ...done, minutes: Schema.Record(Schema.String, Schema.Int) }),
  explain: Schema.Struct({ ...decision, breaker: Breaker, grants: Schema.Array(Grant) }),
  gate: Schema.Struct({ can_proceed: Schema.Boolean, ecosystems: Schema.Array(Schema.Struct(decision)) }),
  gateFailed: Schema.Struct({
    can_proceed: Schema.Literal(false),
    ecosystems: Schema.Array(Schema.Struct({ ...decision, decision: Schema.Literal("hold") })),
    error: ErrorShape
  }),
  init: Schema.Struct({
    control_branch: Schema.String,
    created: Schema.Boolean,
    policy: Schema.String,
    policy_written: Schema.Boolean
  }),
  pause: Schema.Struct({ ...done, scopes: Texts }),
  "metrics migrate": Schema.Struct({ applied: Texts, store: Schema.String }),
  "metrics prune": Schema.Struct({ before: Schema.String, removed: Count }),
  "metrics push": Schema.Struct({
    dropped: Count,
    known: Count,
    set_aside: Schema.Array(Schema.Struct({ id: Schema.String, reason: Schema.String })),
    stored: Count
  }),
  "metrics rebuild": Schema.Struct({
    conflicts: Count,
    found: Count,
    known: Count,
    pushed: Count,
    restored: Count,
    store: Schema.String,
    too_old: Count,
    unreadable: Count
  }),
  record: Schema.Struct({
    applied: Schema.Boolean,
    attempts: Schema.Struct({ failed: Count, passed: Count, skipped: Count }),
    breaker: Breaker,
    ecosystem: Schema.String,
    event: Schema.String,
    metrics: Schema.Literals(["stored", "known", "conflict", "too-old", "spooled", "lost", "off"]),
    notices: Notices
  }),
  reset: Schema.Struct({ ...done, ecosystems: Texts }),
  resume: Schema.Struct({ ...done, scopes: Texts }),
  rollback: Schema.Struct({
    branch: Schema.NullOr(Schema.String),
    commit: Schema.NullOr(Schema.String),
    error: Schema.optionalKey(ErrorShape),
    explanation: Schema.NonEmptyString,
    id: Schema.String,
    later_batches: Schema.Array(Schema.Struct({ id: Schema.String, paths: Texts })),
    next: Schema.NullOr(Schema.String),
    onto: Schema.String,
    outcome: Schema.String,
    plan: Schema.Array(Step),
    pull_request: Schema.NullOr(Schema.String),
    resumed: Schema.Boolean,
    undoes: Schema.NullOr(Schema.String),
    verified: Schema.Boolean
  }),
  sli: Schema.Struct({
    cost: Cost,
    ecosystems: Schema.Array(Sli),
    minutes: Minutes,
    notices: Notices,
    store: Schema.String,
    window: Schema.Struct({ from: Instant, until: Instant })
  }),
  status: Schema.Struct({ control: Control, cost: Cost, ecosystems: Schema.Array(Schema.Struct(decision)) })
} as const

/** Throws where a document is not of the shape, or has a key that the shape does not name. */
export const assertShape = (shape: Schema.Codec<unknown, unknown>, document: unknown): void => {
  Schema.decodeUnknownSync(shape, { errors: "all", onExcessProperty: "error" })(document)
}
