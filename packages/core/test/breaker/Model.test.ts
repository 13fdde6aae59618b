import { strict as assert } from "node:assert"
import * as Attempts from "@batchbrake/core/breaker/Attempts"
import type { BreakerPolicy, Policy } from "@batchbrake/core/policy/Policy"
import * as BreakerArbitrary from "@batchbrake/core/testing/BreakerArbitrary"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import { HOUR, MINUTE } from "@batchbrake/core/time/Instant"
import * as fc from "fast-check"
import { describe, it } from "vitest"
import { MONDAY, policyWith, Story } from "../Story.ts"

/** The breaker as the design tells it, in the plainest words: nothing is shared with the code but the counting. */
class Told {
  state: "closed" | "open" | "half-open" = "closed"
  /** Counted attempts since it last closed. */
  taken = ""
  generation = 0
  trips = 0
  successes = 0
  opensAt = 0
  openedAt: number | undefined
  closedAt: number | undefined
  probe: { readonly key: string; readonly until: number } | undefined
  readonly grants = new Map<string, { readonly generation: number; readonly until: number }>()
  readonly policy: BreakerPolicy
  readonly leaseMillis: number

  constructor(policy: BreakerPolicy, leaseMillis: number) {
    this.policy = policy
    this.leaseMillis = leaseMillis
  }

  get window(): string {
    return this.taken.slice(-this.policy.window)
  }

  private opens(now: number): void {
    let coolDown = this.policy.coolDownMillis
    for (let trip = 1; trip < this.trips; trip++) coolDown = Math.min(coolDown * this.policy.coolDownMultiplier, 1e15)
    this.state = "open"
    this.generation++
    this.openedAt = now
    this.opensAt = now + Math.min(this.policy.coolDownCapMillis, Math.round(coolDown))
    this.successes = 0
    this.probe = undefined
  }

  private closes(now: number): void {
    this.state = "closed"
    this.generation++
    this.closedAt = now
    this.taken = ""
    this.successes = 0
    this.probe = undefined
  }

  passes(now: number): void {
    if (this.probe !== undefined && now >= this.probe.until) this.probe = undefined
  }

  /** What a claim gets. */
  claim(key: string, now: number): "run" | "probe" | "hold" {
    const isDue =
      (this.state === "open" && now >= this.opensAt) || (this.state === "half-open" && this.probe === undefined)
    if (isDue) {
      if (this.state === "open") this.generation++
      this.state = "half-open"
      this.probe = { key, until: now + this.policy.probeLeaseMillis }
      this.grants.set(key, { generation: this.generation, until: this.probe.until })
      return "probe"
    }
    if (this.state !== "closed" && this.policy.mode === "enforce") return "hold"
    this.grants.set(key, { generation: this.generation, until: now + this.leaseMillis })
    return "run"
  }

  report(key: string, attempts: Attempts.Attempts, now: number): void {
    const grant = this.grants.get(key)
    if (grant !== undefined && grant.generation !== this.generation) return
    if (this.state === "closed") {
      for (const outcome of Attempts.counted(attempts, this.policy.ignoreCategories)) {
        this.taken += outcome
        const failed = this.window.replaceAll("P", "").length
        const enough = this.window.length >= this.policy.minimumAttempts
        if (enough && (1 - failed / this.window.length) * 1_000_000 < this.policy.thresholdMillionths - 1e-6) {
          const calm = this.closedAt === undefined ? 0 : now - this.closedAt
          const storm = (this.closedAt ?? 0) - (this.openedAt ?? Number.NEGATIVE_INFINITY)
          this.trips = calm >= storm ? 1 : this.trips + 1
          this.opens(now)
          return
        }
      }
    } else if (grant !== undefined && this.probe?.key === key) {
      const deciding = Attempts.countedForProbe(attempts, this.policy.ignoreCategories).slice(
        0,
        this.policy.probeAttempts
      )
      this.probe = undefined
      if (deciding.includes("F")) {
        this.trips++
        this.opens(now)
      } else if (deciding !== "") {
        this.successes += deciding.length
        if (this.successes >= this.policy.closeAfter) this.closes(now)
      }
    }
  }

  abandon(key: string, now: number): void {
    const grant = this.grants.get(key)
    if (grant === undefined || now >= grant.until) return
    this.grants.delete(key)
    if (this.probe?.key === key) this.probe = undefined
  }

  reset(now: number): void {
    this.closes(now)
    this.trips = 0
  }
}

interface Act {
  readonly kind: "claim" | "report" | "unclaimed" | "abandon" | "reset"
  readonly wait: number
  readonly attempts: Attempts.Attempts
  /** Which of the runs that are under way. */
  readonly which: number
}

const attempts: fc.Arbitrary<Attempts.Attempts> = fc.oneof(
  BreakerArbitrary.attempts,
  fc.integer({ max: 20, min: 1 }).map((failed): Attempts.Attempts => ({ failed, passed: 0, skipped: 0 })),
  fc.integer({ max: 5, min: 1 }).map((passed): Attempts.Attempts => ({ failed: 0, passed, skipped: 0 }))
)

const act: fc.Arbitrary<Act> = fc.record(
  {
    attempts,
    kind: fc.oneof(
      { arbitrary: fc.constantFrom("claim" as const, "report" as const), weight: 8 },
      { arbitrary: fc.constantFrom("unclaimed" as const, "abandon" as const), weight: 2 },
      { arbitrary: fc.constant("reset" as const), weight: 1 }
    ),
    wait: fc.oneof(
      fc.constantFrom(0, 1, 30 * MINUTE, HOUR, 2 * HOUR, 24 * HOUR),
      fc.integer({ max: 6 * HOUR, min: 0 })
    ),
    which: fc.nat({ max: 3 })
  },
  { noNullPrototype: true }
)

const policyOf = (breaker: BreakerPolicy): Policy => ({
  ...policyWith({}),
  ecosystems: { npm: { breaker, slo: 0.98 } }
})

describe("Breaker as a model (SPEC.md BR)", () => {
  it("[BR2] [BR9] [BR12] [BR13] [BR17] [BR24] [BR25] the reduced breaker is the told one after every event", () => {
    const acts = fc.array(act, { maxLength: 40, size: "max" })
    let edges = 0
    fc.assert(
      fc.property(PolicyArbitrary.breaker, acts, (breaker, happenings) => {
        const policy = policyOf(breaker)
        const story = new Story(policy)
        const told = new Told(breaker, policy.leaseMillis)
        const underWay: Array<string> = []
        let now = MONDAY
        for (const [index, { attempts: taken, kind, wait, which }] of happenings.entries()) {
          now += wait
          told.passes(now)
          const key = `run-${index}`
          const chosen = underWay[which % Math.max(1, underWay.length)] ?? key
          const before = told.generation
          if (kind === "claim") {
            const { decision } = story.decide("npm", now, key)
            assert.equal(decision, told.claim(key, now))
            assert.equal(story.claim("npm", key, now).applied, decision !== "hold")
            if (decision !== "hold") underWay.unshift(key)
          } else if (kind === "reset") {
            story.reset("npm", key, now)
            told.reset(now)
          } else if (kind === "abandon") {
            story.abandon("npm", chosen, now)
            told.abandon(chosen, now)
          } else {
            const reporter = kind === "unclaimed" ? key : chosen
            if (underWay.includes(reporter)) underWay.splice(underWay.indexOf(reporter), 1)
            story.report("npm", reporter, now, taken)
            told.report(reporter, taken, now)
          }
          edges += told.generation - before
          const real = story.breaker("npm")
          assert.equal(real.state, told.state)
          assert.equal(real.generation, told.generation)
          assert.equal(real.trips, told.trips)
          assert.equal(real.halfOpenSuccesses, told.successes)
          assert.equal(real.window, told.window)
          assert.equal(real.failures, told.window.replaceAll("P", "").length)
          assert.equal(real.openedAt, told.openedAt)
          assert.equal(real.closedAt, told.closedAt)
          assert.equal(real.opensAt, told.state === "closed" ? undefined : told.opensAt)
          // The probe of another's event is freed only when someone next looks; a probe that is over is no probe.
          const live = real.probe !== undefined && now < real.probe.expiresAt ? real.probe.runKey : undefined
          assert.equal(live, told.probe?.key)
        }
      }),
      { numRuns: 400 }
    )
    assert.ok(edges > 400)
  })
})
