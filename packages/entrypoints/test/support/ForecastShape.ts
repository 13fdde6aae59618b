/** The published shapes of `policy explain`, `backtest` and `simulate`. A key too many is a fault here too. */
import * as Schema from "effect/Schema"

const Instant = Schema.String.check(Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/))
const Hash = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Texts = Schema.Array(Schema.String)
const Counts = Schema.Record(Schema.String, Schema.Int)
/** `null` is never. */
const Figure = Schema.NullOr(Schema.Finite)
const Range = Schema.Struct({ estimate: Figure, high: Figure, low: Figure })
const Bounds = Schema.Struct({ high: Schema.Finite, low: Schema.Finite })

const Level = Schema.Struct({
  attempts_to_detect: Schema.NullOr(Range),
  attempts_to_trip: Range,
  open_hours_per_week: Schema.NullOr(Range),
  rate: Schema.Finite,
  steady_trip_within_100: Range,
  steady_trip_within_week: Schema.NullOr(Range),
  trip_within_100: Range,
  trip_within_week: Schema.NullOr(Range)
})

const tally = {
  attempts_admitted: Bounds,
  attempts_refused: Bounds,
  closings: Bounds,
  held_by_budget: Bounds,
  minutes: Bounds,
  open_hours: Bounds,
  probes: Bounds,
  runs_admitted: Bounds,
  runs_held: Bounds,
  trips: Bounds,
  wasted_probes: Bounds
}
const Tally = Schema.Struct(tally)
const Course = Schema.Struct({
  ...tally,
  trips_at: Schema.Array(Schema.Struct({ at: Instant, certain: Schema.Boolean })),
  unbounded_from: Schema.NullOr(Instant),
  uncertain_from: Schema.NullOr(Instant)
})
const Divergence = Schema.NullOr(Schema.Struct({ at: Instant, ecosystem: Schema.String, new: Texts, old: Texts }))

const regret = {
  bad_admitted: Schema.Int,
  bad_refused: Schema.Int,
  good_admitted: Schema.Int,
  good_refused: Schema.Int,
  minutes: Schema.Int,
  open_hours: Schema.Int,
  policy: Schema.String,
  trips: Schema.Int
}

export const FORECAST_SHAPES = {
  backtest: Schema.Struct({
    caveats: Texts,
    decision: Schema.Literals(["same", "looser", "stricter", "mixed"]),
    ecosystems: Schema.Array(
      Schema.Struct({
        ecosystem: Schema.String,
        first_divergence: Divergence,
        most_attempts_unmade: Schema.Int,
        new: Course,
        old: Course,
        runs: Schema.Int
      })
    ),
    first_divergence: Divergence,
    history: Schema.Struct({
      attempts: Schema.Int,
      filled: Schema.Int,
      first: Instant,
      held: Schema.Int,
      last: Instant,
      left_out: Counts,
      name: Schema.String,
      rules: Texts,
      runs: Schema.Int,
      runs_by_count: Counts,
      unknown_ecosystems: Counts
    }),
    new: Schema.Struct({ hash: Hash, name: Schema.String }),
    old: Schema.Struct({ hash: Hash, name: Schema.String, unit: Schema.Literals(["attempts", "runs"]) }),
    summary: Schema.NonEmptyString,
    total: Schema.Struct({ new: Tally, old: Tally })
  }),
  explain: Schema.Struct({
    ecosystems: Schema.Array(
      Schema.Struct({
        ecosystem: Schema.String,
        levels: Schema.Array(Level),
        method: Schema.Literals(["exact", "bounded"]),
        objective: Schema.Finite,
        pace: Schema.NullOr(Schema.Struct({ attempts_per_run: Schema.Int, runs_per_week: Schema.Finite })),
        states: Schema.Int
      })
    ),
    pace_from: Schema.String,
    policy: Hash,
    svg: Schema.NullOr(Schema.String)
  }),
  simulate: Schema.Struct({
    ecosystems: Texts,
    policies: Schema.Array(Schema.Struct({ hash: Hash, name: Schema.String })),
    recipes: Schema.Int,
    seed: Schema.String,
    totals: Schema.Array(Schema.Struct(regret)),
    weeks: Schema.Int,
    worlds: Schema.Array(Schema.Struct({ ...regret, world: Schema.String }))
  })
}
