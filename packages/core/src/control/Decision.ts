/**
 * May this ecosystem run, how much, and on which platforms? Changes nothing and explains itself. SPEC.md, section DE.
 */

import * as Breaker from "../breaker/Breaker.ts"
import * as Probe from "../breaker/Probe.ts"
import * as Budget from "../budget/Budget.ts"
import type { Reservation } from "../budget/Reservation.ts"
import * as Policy from "../policy/Policy.ts"
import { type EpochMillis, format } from "../time/Instant.ts"
import { advance, type Control } from "./Control.ts"
import { breakerOf, type ControlFile } from "./ControlFile.ts"
import * as Identity from "./Identity.ts"
import { breakerObstacle, budgetObstacles, type Obstacle, pauseObstacles, type Reason, retryAt } from "./Obstacle.ts"
import { shortName } from "./plainLine.ts"

/** A question to the gate. Without `claim` nothing is to be reserved. */
export interface Request {
  readonly ecosystem: string
  readonly runKey: string | undefined
  readonly claim: boolean
  readonly batch: string | undefined
  readonly candidates: ReadonlyArray<string>
  readonly author: string
  /** The most recipes and attempts that are wanted; what the gate allows is never raised to it. */
  readonly limit?: number
  /** What is asked about is done, and is to land: it costs no minutes any more, so the budget is not asked. */
  readonly landing?: boolean
}

/** What a claim would be granted. */
export interface Admission {
  readonly kind: "run" | "probe"
  readonly probeRecipes: ReadonlyArray<string>
}

export interface Decision {
  readonly ecosystem: string
  readonly decision: "run" | "probe" | "hold"
  readonly reasons: ReadonlyArray<Reason>
  readonly batchSize: number
  readonly maxAttempts: number
  /** Platform -> share of recipes to validate there, 1 when not sampled. */
  readonly sampling: Readonly<Record<string, number>>
  /** When asking again may help; `undefined` when that is not known. */
  readonly retryAt: EpochMillis | undefined
  /** The live grant that this request already has. */
  readonly grant: Reservation | undefined
  readonly runKey: string | undefined
  /** What a claim may take now; `undefined` on hold, and where the grant is already had. */
  readonly admission: Admission | undefined
}

const ratesOf = (policy: Policy.Policy, sampled: boolean): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Policy.platformsOf(policy).map((platform) => [
      platform,
      sampled && Object.hasOwn(policy.sampling.rates, platform) ? (policy.sampling.rates[platform] ?? 1) : 1
    ])
  )

/** A decision that holds, for reasons that are known before any state is. */
export const hold = (
  request: Pick<Request, "ecosystem" | "runKey">,
  reasons: ReadonlyArray<Reason>,
  more: Partial<Pick<Decision, "retryAt" | "sampling">> = {}
): Decision => ({
  admission: undefined,
  batchSize: 0,
  decision: "hold",
  ecosystem: request.ecosystem,
  grant: undefined,
  maxAttempts: 0,
  reasons,
  retryAt: more.retryAt,
  runKey: request.runKey,
  sampling: more.sampling ?? {}
})

/** Why a run key cannot be admitted again, if it had a grant or a result. */
const usedReason = (control: Control, request: Request): Reason | undefined => {
  const { ecosystem, runKey } = request
  const used =
    runKey !== undefined &&
    ["RunAdmitted", "RunCompleted", "RunAbandoned"].some(
      (type) => Identity.find(control.ledger, `${type} ${ecosystem} ${runKey}`) !== undefined
    )
  return used
    ? {
        code: "key-used",
        message: `the run key ${runKey} of ${ecosystem} has had its grant or its result; use a new one`
      }
    : undefined
}

/** The answer to a run that asks again with the key of its live grant: the same grant, while nothing forbids it. */
const again = (file: ControlFile, grant: Reservation, request: Request, sampling: Decision["sampling"]): Decision => {
  const obstacles = pauseObstacles(file, grant.ecosystem)
  const fenced = grant.generation !== breakerOf(file, grant.ecosystem).generation
  const reasons = [
    ...obstacles,
    ...(fenced
      ? [
          {
            code: "fenced",
            message: "the breaker has moved since this grant was given: stop, and record what was done"
          }
        ]
      : [])
  ]
  return reasons.length > 0
    ? hold(request, reasons.map(toReason), { retryAt: fenced ? undefined : retryAt(obstacles), sampling })
    : {
        admission: undefined,
        batchSize: atMost(request, grant.batchSize),
        decision: grant.kind,
        ecosystem: grant.ecosystem,
        grant,
        maxAttempts: atMost(request, grant.maxAttempts),
        reasons: [{ code: "granted", message: `this run has its grant, until ${format(grant.expiresAt)}` }],
        retryAt: undefined,
        runKey: grant.runKey,
        sampling
      }
}

/** The smaller of what the gate allows and what was asked for. */
const atMost = (request: Request, allowed: number): number => Math.min(allowed, request.limit ?? allowed)

const toReason = ({ code, message }: Reason): Reason => ({ code, message })

const admit = (
  policy: Policy.Policy,
  own: Policy.EcosystemPolicy,
  file: ControlFile,
  request: Request,
  permission: Breaker.Permission,
  wouldHold: Obstacle | undefined
): Decision => {
  const platforms = Budget.samplingPlatforms(policy.budget, file.budget)
  const sampled = platforms.length > 0
  const kind = permission._tag === "ProbeDue" ? "probe" : "run"
  const full = sampled ? Math.max(1, Math.floor(policy.batchSize / 2)) : policy.batchSize
  const allowed = kind === "probe" ? own.breaker.probeAttempts : full
  const size = atMost(request, allowed)
  const chosen = Probe.choose(request.candidates, breakerOf(file, request.ecosystem).recentProbes, size)
  return {
    admission: { kind, probeRecipes: kind === "probe" ? chosen : [] },
    batchSize: size,
    decision: kind,
    ecosystem: request.ecosystem,
    grant: undefined,
    maxAttempts: size,
    reasons: [
      kind === "probe"
        ? {
            code: "probe-due",
            message: `the cool-down is over: one run may probe with ${size} ${size === 1 ? "attempt" : "attempts"}`
          }
        : { code: "closed", message: "the breaker is closed" },
      ...(wouldHold === undefined
        ? []
        : [{ code: `would-hold-${wouldHold.code}`, message: `only observing, so not held: ${wouldHold.message}` }]),
      ...(sampled
        ? [
            {
              code: "sampling",
              message:
                `${platforms.join(", ")}: at or above ${policy.budget.sampleAtMillionths / 10_000} % of the week's minutes; ` +
                "the batch is halved and validation is sampled"
            }
          ]
        : []),
      ...(size < allowed
        ? [{ code: "limited", message: `asked for at most ${size}, where the gate would allow ${allowed}` }]
        : [])
    ].filter((reason) => reason.code !== "closed" || wouldHold === undefined),
    retryAt: undefined,
    runKey: request.runKey,
    sampling: ratesOf(policy, sampled)
  }
}

/** The decision about one ecosystem at one instant. Reads; the claim itself is the event RunAdmitted. */
export const decide = (policy: Policy.Policy, control: Control, request: Request, now: EpochMillis): Decision => {
  const { ecosystem, runKey } = request
  const own = Policy.ecosystemOf(policy, ecosystem)
  if (own === undefined) {
    const known = Object.keys(policy.ecosystems).join(", ") || "none"
    return hold(request, [
      { code: "unknown-ecosystem", message: `the policy does not know ${shortName(ecosystem)}; it knows: ${known}` }
    ])
  }
  const { file } = advance(policy, control.file, now)
  const sampling = ratesOf(policy, Budget.samplingPlatforms(policy.budget, file.budget).length > 0)
  const grant = runKey === undefined ? undefined : Budget.grantOf(file.budget, ecosystem, runKey)
  if (grant !== undefined) return again(file, grant, request, sampling)
  const used = usedReason(control, request)
  if (used !== undefined) return hold(request, [used], { sampling })

  const permission = Breaker.permission(breakerOf(file, ecosystem), now)
  const inTheWay = breakerObstacle(permission, ecosystem)
  const enforced = own.breaker.mode === "enforce" && inTheWay !== undefined ? [inTheWay] : []
  const spent = request.landing === true ? [] : budgetObstacles(policy, file, now)
  const obstacles = [...pauseObstacles(file, ecosystem), ...enforced, ...spent]
  return obstacles.length > 0
    ? hold(request, obstacles.map(toReason), { retryAt: retryAt(obstacles), sampling })
    : admit(policy, own, file, request, permission, inTheWay)
}
