/** The shape of `batch-policy.json`. Its JSON Schema is generated from here. */
import * as Schema from "effect/Schema"
import { Count, Duration, Fraction, Name, Positive } from "../json/Field.ts"

const MAXIMUM_WINDOW = 1000

const breakerFields = {
  window: Schema.optionalKey(
    Schema.Int.check(
      Schema.isBetween({ maximum: MAXIMUM_WINDOW, minimum: 1 }, { expected: "a whole number from 1 to 1000" })
    )
  ).annotate({ description: "attempts that the failure rate is taken over (default 10)" }),
  minimum_attempts: Schema.optionalKey(Positive).annotate({
    description: "fewer counted attempts than this never trip (default: the window)"
  }),
  threshold: Schema.optionalKey(Fraction).annotate({
    description: "a success rate strictly below this trips (default 0.5)"
  }),
  cool_down_minutes: Schema.optionalKey(Duration).annotate({
    description: "minutes from a trip to the first probe (default 60)"
  }),
  cool_down_multiplier: Schema.optionalKey(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(1, { expected: "a number, 1 or more" }))
  ).annotate({ description: "growth of the cool-down by consecutive trip (default 1: none)" }),
  cool_down_cap_minutes: Schema.optionalKey(Duration).annotate({ description: "the longest cool-down (default 1440)" }),
  probe_attempts: Schema.optionalKey(Positive).annotate({ description: "attempts that decide a probe (default 1)" }),
  close_after: Schema.optionalKey(Positive).annotate({ description: "probe successes that close (default 1)" }),
  probe_lease_minutes: Schema.optionalKey(Duration).annotate({ description: "how long a probe may take (default 30)" }),
  ignore_categories: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)).annotate({
    description: "failure categories that do not count"
  }),
  mode: Schema.optionalKey(Schema.Literals(["enforce", "observe"])).annotate({
    description: "observe records what the breaker would have done and holds nothing for it"
  })
}

const BreakerFile = Schema.Struct(breakerFields).annotate({ identifier: "Breaker" })
export type BreakerKeys = typeof BreakerFile.Type

const SamplingRule = Schema.Struct({
  match: Schema.NonEmptyString.annotate({ description: "a glob over recipe paths" }),
  platform: Schema.optionalKey(Name),
  rate: Schema.Union([Schema.Literals(["always", "never"]), Fraction])
}).annotate({ identifier: "SamplingRule" })
export type SamplingRule = typeof SamplingRule.Type

const Branch = Schema.String.check(
  Schema.isPattern(/^(?![-/.])(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)))[^\s~^:?*[\\\p{Cc}]+(?<![/.])$/u, {
    expected: "a branch name that git accepts",
    // The whole rule needs look-behind, which not every reader of a JSON Schema has.
    toJsonSchema: () => ({ pattern: "^[^-/.\\s~^:?*\\[\\\\][^\\s~^:?*\\[\\\\]*$" })
  })
)

const Minutes = Schema.Record(Name, Count)

export const PolicyFile = Schema.Struct({
  version: Schema.Literal(1),
  content: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1, { expected: "at least one glob" }))
  ).annotate({ description: 'globs of the generated files (default ["recipes/**"])' }),
  content_branch: Schema.optionalKey(Branch).annotate({
    description: "where batches land (default: the remote's HEAD)"
  }),
  control_branch: Schema.optionalKey(Branch).annotate({ description: "default batch-control" }),
  ecosystems: Schema.Record(
    Name,
    Schema.Struct({ breaker: Schema.optionalKey(BreakerFile), slo: Schema.optionalKey(Fraction) })
  ).annotate({ description: "every ecosystem that may run; any other name is on hold" }),
  slo: Schema.optionalKey(Fraction).annotate({
    description: "objective of the success rate (default: 0.85 for homebrew, 0.95 for cask, else 0.98)"
  }),
  breaker: Schema.optionalKey(BreakerFile),
  budget: Schema.optionalKey(
    Schema.Struct({
      week_starts: Schema.optionalKey(
        Schema.Literals(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
      ),
      caps: Schema.optionalKey(Minutes).annotate({ description: "minutes a week (default macos 1000, linux 5000)" }),
      sample_at: Schema.optionalKey(Fraction).annotate({
        description: "share of a cap from which runs are sampled (0.8)"
      }),
      pause_at: Schema.optionalKey(Fraction).annotate({ description: "share of a cap that stops new grants (0.95)" }),
      reserve: Schema.optionalKey(Schema.Record(Name, Count)).annotate({
        description: "minutes that a grant reserves (default macos 20, linux 60)"
      })
    })
  ),
  sampling: Schema.optionalKey(
    Schema.Struct({
      seed: Schema.optionalKey(Schema.String),
      rates: Schema.optionalKey(Schema.Record(Name, Fraction)).annotate({
        description: "share of recipes validated while sampling is active (default macos 0.1)"
      }),
      rules: Schema.optionalKey(Schema.Array(SamplingRule))
    })
  ),
  batch_size: Schema.optionalKey(Positive),
  lease_minutes: Schema.optionalKey(Duration).annotate({
    description: "how long an ordinary grant lives (default 120)"
  }),
  alerts: Schema.optionalKey(
    Schema.Struct({
      stale_hours: Schema.optionalKey(Positive),
      open_batch_hours: Schema.optionalKey(Positive),
      minimum_attempts: Schema.optionalKey(Positive)
    })
  ),
  drift: Schema.optionalKey(Schema.Struct({ delay_hours: Schema.optionalKey(Positive) }))
}).annotate({ identifier: "Policy", title: "Batchbrake policy (batch-policy.json)" })
export type PolicyFile = typeof PolicyFile.Type
