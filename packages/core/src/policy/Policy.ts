/**
 * The policy: what people choose. `batch-policy.json` on the content branch, changed by pull request.
 * Decoding fills in every default and refuses unknown keys and contradictions, so that two files that mean the same
 * have one normal form and one hash, and a misspelt threshold cannot quietly be the default.
 */
import * as Result from "effect/Result"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { toMillionths } from "../json/Field.ts"
import { type Json, type JsonObject, print } from "../json/Json.ts"
import { HOUR, MINUTE } from "../time/Instant.ts"
import { contradictions } from "./Contradiction.ts"
import { type BreakerKeys, PolicyFile, type SamplingRule } from "./PolicyFile.ts"

/** Thresholds of one ecosystem's breaker, base and override merged. Fractions are millionths, times milliseconds. */
export interface BreakerPolicy {
  readonly window: number
  readonly minimumAttempts: number
  readonly thresholdMillionths: number
  readonly coolDownMillis: number
  readonly coolDownMultiplier: number
  readonly coolDownCapMillis: number
  readonly probeAttempts: number
  readonly closeAfter: number
  readonly probeLeaseMillis: number
  readonly ignoreCategories: ReadonlyArray<string>
  readonly mode: "enforce" | "observe"
}

/** Weekly caps in whole minutes a platform, and the two lines as millionths of a cap. */
export interface BudgetPolicy {
  /** Monday is 0. */
  readonly weekStartsOn: number
  readonly caps: Readonly<Record<string, number>>
  readonly reserve: Readonly<Record<string, number>>
  readonly sampleAtMillionths: number
  readonly pauseAtMillionths: number
}

export interface SamplingPolicy {
  readonly seed: string
  /** The share of recipes validated on a platform while sampling is active, 0 to 1. */
  readonly rates: Readonly<Record<string, number>>
  readonly rules: ReadonlyArray<SamplingRule>
}

/** When an alert is due. */
export interface AlertPolicy {
  /** Without a completed run for longer than this an ecosystem is stale. */
  readonly staleMillis: number
  /** A batch that is not merged for longer than this is forgotten. */
  readonly openBatchMillis: number
  /** Fewer attempts than this say nothing about an objective. */
  readonly minimumAttempts: number
}

export interface EcosystemPolicy {
  readonly slo: number
  readonly breaker: BreakerPolicy
}

export interface Policy {
  /** SHA-256 of the normal form: what events name as the policy they were reduced under. */
  readonly hash: string
  readonly content: ReadonlyArray<string>
  /** `undefined` is the remote's HEAD. */
  readonly contentBranch: string | undefined
  readonly controlBranch: string
  readonly ecosystems: Readonly<Record<string, EcosystemPolicy>>
  readonly budget: BudgetPolicy
  readonly sampling: SamplingPolicy
  readonly batchSize: number
  readonly leaseMillis: number
  readonly alerts: AlertPolicy
  /** The normal form: every default written out. Decoding it gives this policy again. */
  readonly normal: JsonObject
}

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const

const BREAKER_DEFAULTS = {
  close_after: 1,
  cool_down_cap_minutes: 1440,
  cool_down_minutes: 60,
  cool_down_multiplier: 1,
  ignore_categories: [],
  mode: "enforce",
  probe_attempts: 1,
  probe_lease_minutes: 30,
  threshold: 0.5,
  window: 10
} satisfies BreakerKeys

/** Base and override by key; the minimum is the window unless one of them says otherwise. Categories are a set. */
const mergedBreaker = (base: BreakerKeys | undefined, override: BreakerKeys | undefined) => {
  const merged = { ...BREAKER_DEFAULTS, ...base, ...override }
  return {
    ...merged,
    ignore_categories: [...new Set(merged.ignore_categories)].sort(),
    minimum_attempts: merged.minimum_attempts ?? merged.window
  }
}

/** `always` and `never` are words for 1 and 0. */
const normalRule = (rule: SamplingRule): SamplingRule => ({
  ...rule,
  rate: rule.rate === "always" ? 1 : rule.rate === "never" ? 0 : rule.rate
})

type FullBreaker = ReturnType<typeof mergedBreaker>

const toBreakerPolicy = (keys: FullBreaker): BreakerPolicy => ({
  closeAfter: keys.close_after,
  coolDownCapMillis: keys.cool_down_cap_minutes * MINUTE,
  coolDownMillis: keys.cool_down_minutes * MINUTE,
  coolDownMultiplier: keys.cool_down_multiplier,
  ignoreCategories: keys.ignore_categories,
  minimumAttempts: keys.minimum_attempts,
  mode: keys.mode,
  probeAttempts: keys.probe_attempts,
  probeLeaseMillis: keys.probe_lease_minutes * MINUTE,
  thresholdMillionths: toMillionths(keys.threshold),
  window: keys.window
})

/** Every default written out, nothing else changed: overrides stay overrides. */
const normalise = (file: PolicyFile) => {
  return {
    alerts: { minimum_attempts: 20, open_batch_hours: 24, stale_hours: 48, ...file.alerts },
    batch_size: file.batch_size ?? 25,
    breaker: mergedBreaker(file.breaker, undefined),
    budget: {
      caps: { linux: 5000, macos: 1000, ...file.budget?.caps },
      pause_at: file.budget?.pause_at ?? 0.95,
      reserve: { linux: 60, macos: 20, ...file.budget?.reserve },
      sample_at: file.budget?.sample_at ?? 0.8,
      week_starts: file.budget?.week_starts ?? ("monday" as const)
    },
    content: file.content ?? ["recipes/**"],
    ...(file.content_branch === undefined ? {} : { content_branch: file.content_branch }),
    control_branch: file.control_branch ?? "batch-control",
    drift: { delay_hours: 24, ...file.drift },
    ecosystems: Object.fromEntries(
      Object.entries(file.ecosystems).map(([name, own]) => {
        const breaker = mergedBreaker(file.breaker, own.breaker)
        return [name, { breaker, slo: own.slo ?? defaultObjective(name, file) }]
      })
    ),
    lease_minutes: file.lease_minutes ?? 120,
    sampling: {
      rates: { macos: 0.1, ...file.sampling?.rates },
      rules: (file.sampling?.rules ?? []).map(normalRule),
      seed: file.sampling?.seed ?? "batchbrake"
    },
    slo: file.slo ?? 0.98,
    version: 1 as const
  }
}

/** Homebrew 85 %, casks 95 %, any other 98 %: the objectives of the field this came from; `slo` overrides them. */
const defaultObjective = (name: string, file: PolicyFile): number =>
  file.slo ?? (name === "homebrew" ? 0.85 : name === "cask" ? 0.95 : 0.98)

const build = (file: PolicyFile): Policy => {
  const normal = normalise(file)
  let hash: string | undefined
  return {
    alerts: {
      minimumAttempts: normal.alerts.minimum_attempts,
      openBatchMillis: normal.alerts.open_batch_hours * HOUR,
      staleMillis: normal.alerts.stale_hours * HOUR
    },
    batchSize: normal.batch_size,
    budget: {
      caps: normal.budget.caps,
      pauseAtMillionths: toMillionths(normal.budget.pause_at),
      reserve: normal.budget.reserve,
      sampleAtMillionths: toMillionths(normal.budget.sample_at),
      weekStartsOn: WEEKDAYS.indexOf(normal.budget.week_starts)
    },
    content: normal.content,
    contentBranch: normal.content_branch,
    controlBranch: normal.control_branch,
    ecosystems: Object.fromEntries(
      Object.entries(normal.ecosystems).map(([name, own]) => [
        name,
        { breaker: toBreakerPolicy(own.breaker), slo: own.slo }
      ])
    ),
    // Computed when first asked for: a gate that only reads never names the policy, and starts the sooner.
    get hash(): string {
      hash ??= Sha256.hex(print(normal))
      return hash
    },
    leaseMillis: normal.lease_minutes * MINUTE,
    normal,
    sampling: normal.sampling
  }
}

/** Reads a policy from JSON. Every fault is found in one pass, contradictions last. */
export const fromJson = (value: Json): Result.Result<Policy, ReadonlyArray<Fault>> =>
  Result.flatMap(decodeWith(PolicyFile, "closed")(value), (file) => {
    const faults = contradictions(normalise(file))
    return faults.length > 0 ? Result.fail(faults) : Result.succeed(build(file))
  })

/** Reads a policy from the text of `batch-policy.json`. */
export const parse = (text: string): Result.Result<Policy, ReadonlyArray<Fault>> =>
  Result.flatMap(parseText(text), fromJson)

/** A policy for the named ecosystems with every default: what `init` writes, and a start for tests. */
export const starter = (ecosystems: ReadonlyArray<string>, contentBranch?: string): JsonObject => ({
  version: 1,
  content: ["recipes/**"],
  ...(contentBranch === undefined ? {} : { content_branch: contentBranch }),
  control_branch: "batch-control",
  ecosystems: Object.fromEntries(ecosystems.map((name) => [name, {}]))
})

/** The policy of one ecosystem; `undefined` for one that the policy does not know, which holds. */
export const ecosystemOf = (policy: Policy, name: string): EcosystemPolicy | undefined =>
  Object.hasOwn(policy.ecosystems, name) ? policy.ecosystems[name] : undefined

/** Every platform that the policy speaks of, in order. */
export const platformsOf = (policy: Policy): ReadonlyArray<string> =>
  [...new Set([...Object.keys(policy.budget.caps), ...Object.keys(policy.sampling.rates)])].sort()
