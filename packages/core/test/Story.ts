import type { Attempts } from "@batchbrake/core/breaker/Attempts"
import type { BreakerState } from "@batchbrake/core/breaker/BreakerState"
import type { Minutes } from "@batchbrake/core/budget/Minutes"
import * as Control from "@batchbrake/core/control/Control"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as ControlFile from "@batchbrake/core/control/ControlFile"
import * as Decision from "@batchbrake/core/control/Decision"
import * as Reducer from "@batchbrake/core/control/Reducer"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import * as Result from "effect/Result"

/** A Monday, 2026-11-23T00:00:00Z: where stories begin. */
export const MONDAY = Date.UTC(2026, 10, 23)

/** What an event did, as its teller hears it. */
export interface Heard {
  readonly applied: boolean
  /** The code of the rejection, if it was rejected. */
  readonly rejected: string | undefined
  readonly notices: ReadonlyArray<string>
}

/** A control file to which one thing happens after another. Rejected events leave it as it was. */
export class Story {
  control: Control.Control
  readonly policy: Policy

  constructor(policy: Policy, file: ControlFile.ControlFile = ControlFile.initial) {
    this.policy = policy
    this.control = { ...Control.initial, file }
  }

  tell(event: ControlEvent): Heard {
    return Result.match(Reducer.reduce(this.policy, this.control, event), {
      onFailure: ({ code }) => ({ applied: false, notices: [], rejected: code }),
      onSuccess: ({ applied, control, notices }) => {
        this.control = control
        return { applied, notices: notices.map(({ code }) => code), rejected: undefined }
      }
    })
  }

  claim(ecosystem: string, runKey: string, at: number, probeRecipes: ReadonlyArray<string> = []): Heard {
    return this.tell({ _tag: "RunAdmitted", at, author: "ci", ecosystem, probeRecipes, runKey })
  }

  report(ecosystem: string, runKey: string, at: number, attempts: Attempts | string, minutes?: Minutes): Heard {
    return this.tell({
      _tag: "RunCompleted",
      at,
      attempts: typeof attempts === "string" ? { categories: {}, results: attempts } : attempts,
      author: "ci",
      ecosystem,
      runKey,
      ...(minutes === undefined ? {} : { minutes })
    })
  }

  abandon(ecosystem: string, runKey: string, at: number, minutes?: Minutes): Heard {
    const event = { _tag: "RunAbandoned", at, author: "ci", ecosystem, runKey } as const
    return this.tell(minutes === undefined ? event : { ...event, minutes })
  }

  reset(ecosystem: string, id: string, at: number): Heard {
    return this.tell({ _tag: "BreakerReset", at, author: "operator", ecosystem, id, reason: "mended by hand" })
  }

  decide(ecosystem: string, now: number, runKey?: string): Decision.Decision {
    const request = { author: "ci", batch: undefined, candidates: [], claim: false, ecosystem, runKey }
    return Decision.decide(this.policy, this.control, request, now)
  }

  /** The recipes that a claim would probe now. */
  choose(request: Decision.Request, now: number): ReadonlyArray<string> {
    return Decision.decide(this.policy, this.control, request, now).admission?.probeRecipes ?? []
  }

  breaker(ecosystem: string): BreakerState {
    return ControlFile.breakerOf(this.control.file, ecosystem)
  }
}

/** A policy for `npm` and `cask` whose budget is in nobody's way. */
export const policyWith = (breaker: JsonObject, more: JsonObject = {}): Policy =>
  decoded({
    breaker,
    budget: { caps: { linux: 1_000_000, macos: 1_000_000 } },
    ecosystems: { cask: {}, npm: {} },
    version: 1,
    ...more
  })

/** A story in which `npm` already stands at a breaker. */
export const storyAt = (policy: Policy, breaker: BreakerState): Story =>
  new Story(policy, ControlFile.withBreaker(ControlFile.initial, "npm", breaker))
