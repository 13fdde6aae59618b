/** What the gate answers, what time alone tells, and what an edit by hand loosened: each answer whole. */
import { strict as assert } from "node:assert"
import * as BreakerState from "@batchbrake/core/breaker/BreakerState"
import type { Reservation } from "@batchbrake/core/budget/Reservation"
import * as Control from "@batchbrake/core/control/Control"
import * as ControlFile from "@batchbrake/core/control/ControlFile"
import * as Decision from "@batchbrake/core/control/Decision"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import * as HandEdit from "@batchbrake/core/control/HandEdit"
import * as Identity from "@batchbrake/core/control/Identity"
import type * as Pause from "@batchbrake/core/control/Pause"
import { decoded } from "@batchbrake/core/testing/PolicyArbitrary"
import { HOUR } from "@batchbrake/core/time/Instant"
import { describe, it } from "vitest"
import { MONDAY } from "../Story.ts"

const policy = decoded({
  breaker: { probe_attempts: 2 },
  budget: { caps: { linux: 100 }, reserve: { linux: 10 } },
  ecosystems: { cask: {}, npm: {} },
  version: 1
})

const ask = (more: Partial<Decision.Request> = {}): Decision.Request => ({
  author: "ci",
  batch: undefined,
  candidates: ["a", "b", "c"],
  claim: true,
  ecosystem: "npm",
  runKey: "k",
  ...more
})
const decide = (control: Control.Control, request: Decision.Request): Decision.Decision =>
  Decision.decide(policy, control, request, MONDAY)
const saying = ({ decision, reasons }: Decision.Decision): string =>
  [decision, ...reasons.map(({ code, message }) => `${code}: ${message}`)].join("; ")

const open: BreakerState.BreakerState = { ...BreakerState.initial, opensAt: MONDAY, state: "open", trips: 1 }
const due: Control.Control = {
  ...Control.initial,
  file: ControlFile.withBreaker(ControlFile.initial, "npm", open)
}

const grant: Reservation = {
  admittedAt: MONDAY,
  author: "ci",
  batch: undefined,
  batchSize: 5,
  ecosystem: "npm",
  expiresAt: MONDAY + HOUR,
  generation: 0,
  kind: "run",
  maxAttempts: 4,
  minutes: { linux: 10 },
  probeRecipes: [],
  runKey: "k",
  unknown: {}
}

const pauseUntil = (end: number | undefined): Pause.Pause => ({
  at: MONDAY,
  author: "ops",
  autoResume: end !== undefined,
  category: undefined,
  expectedResume: end,
  incidentUrl: undefined,
  reason: "r",
  unknown: {}
})

describe("The gate's answers (SPEC.md DE)", () => {
  it("[DE5] a key had its grant or its result by any one of the events that say so, and no key is none", () => {
    const knowing = (identity: string): Control.Control => ({
      ...Control.initial,
      ledger: Identity.add(Identity.empty, {
        ...{ at: MONDAY, generation: undefined, identity, nonce: "n", payload: "0", scope: "npm" }
      })
    })
    for (const type of ["RunAdmitted", "RunCompleted", "RunAbandoned"]) {
      assert.match(saying(decide(knowing(`${type} npm k`), ask())), /^hold; key-used: the run key k of npm/)
      assert.equal(decide(knowing(`${type} npm l`), ask()).decision, "run")
      assert.equal(decide(knowing(`${type} npm undefined`), ask({ runKey: undefined })).decision, "run")
    }
    assert.equal(decide(knowing(" npm k"), ask()).decision, "run")
  })

  it("a run is granted no recipes to probe, and a probe those that it chose, as many as it may try", () => {
    const run = decide(Control.initial, ask())
    assert.deepEqual(run.admission, { kind: "run", probeRecipes: [] })
    assert.equal(saying(run), "run; closed: the breaker is closed")
    const probe = decide(due, ask())
    assert.deepEqual(probe.admission, { kind: "probe", probeRecipes: ["a", "b"] })
    const over = "probe; probe-due: the cool-down is over: one run may probe with"
    assert.equal(saying(probe), `${over} 2 attempts`)
    const one = decide(due, ask({ limit: 1 }))
    assert.deepEqual(one.admission, { kind: "probe", probeRecipes: ["a"] })
    assert.equal(saying(one), `${over} 1 attempt; limited: asked for at most 1, where the gate would allow 2`)
  })

  it("[DE2] an ecosystem that the policy does not know is told which ones it knows, if any", () => {
    const held = (ecosystems: typeof policy.ecosystems) =>
      saying(Decision.decide({ ...policy, ecosystems }, Control.initial, ask({ ecosystem: "pip" }), MONDAY))
    const said = "hold; unknown-ecosystem: the policy does not know pip; it knows:"
    assert.equal(held(policy.ecosystems), `${said} cask, npm`)
    assert.equal(held({}), `${said} none`)
  })

  it("[DE1] the JSON of an answer holds its reasons, its grant and its time, or null for what there is not", () => {
    const sampling = { linux: 1 }
    const held = Decision.hold(ask({ runKey: undefined }), [{ code: "paused", message: "m" }])
    const bare = { batch_size: 0, decision: "hold", ecosystem: "npm", grant: null, max_attempts: 0 }
    const reasons = [{ code: "paused", message: "m" }]
    assert.deepEqual(DecisionJson.toJson(held), { ...bare, reasons, retry_at: null, run_key: null, sampling: {} })
    const again = DecisionJson.toJson({ ...held, grant, retryAt: MONDAY, runKey: "k", sampling })
    const { grant: written, ...rest } = again
    const { grant: _grant, ...others } = bare
    assert.deepEqual(rest, { ...others, reasons, retry_at: "2026-11-23T00:00:00Z", run_key: "k", sampling })
    assert.equal(JSON.parse(JSON.stringify(written)).run_key, "k")
  })

  it("of several ecosystems one that may go on is enough, and of none nothing goes on", () => {
    const [run, probe, hold] = [decide(Control.initial, ask()), decide(due, ask()), Decision.hold(ask(), [])]
    for (const some of [[run], [probe], [run, hold], [hold, probe]]) assert.equal(DecisionJson.canProceed(some), true)
    for (const some of [[], [hold], [hold, hold]]) assert.equal(DecisionJson.canProceed(some), false)
  })
})

describe("What time alone tells (SPEC.md PA)", () => {
  it("[PA2] a pause that ends as scheduled is told of by the name of its ecosystem, or as everything", () => {
    const pauses = { "*": pauseUntil(MONDAY), cask: pauseUntil(MONDAY + 1), npm: pauseUntil(MONDAY) }
    const { file, notices } = Control.advance(policy, ControlFile.withPauses(ControlFile.initial, pauses), MONDAY)
    assert.deepEqual(
      notices.map(({ code, message, severity }) => `${severity} ${code}: ${message}`),
      ["info resumed: the pause of everything ended as scheduled", "info resumed: the pause of npm ended as scheduled"]
    )
    assert.deepEqual(Object.keys(file.pauses), ["cask"])
  })
})

describe("What an edit by hand loosened (SPEC.md HE)", () => {
  const loosened = (before: Partial<BreakerState.BreakerState>, after: Partial<BreakerState.BreakerState>) => {
    const file = (breaker: Partial<BreakerState.BreakerState>): ControlFile.ControlFile =>
      ControlFile.withBreaker(ControlFile.initial, "npm", { ...BreakerState.initial, ...breaker })
    return HandEdit.loosenings(file(before), file(after)).map(({ path }) => path.slice("circuit_breaker.npm.".length))
  }

  it("[HE3] the time of a closed breaker's next probe holds nobody, and of another one's is not brought forward", () => {
    assert.deepEqual(loosened({ opensAt: MONDAY }, {}), [])
    assert.deepEqual(loosened({ opensAt: MONDAY }, { opensAt: MONDAY - 1 }), [])
    assert.deepEqual(loosened({ opensAt: MONDAY }, { state: "open" }), [])
    assert.deepEqual(loosened({ ...open }, { ...open, opensAt: MONDAY - 1 }), ["opens_at"])
    assert.deepEqual(loosened({ ...open }, { ...open, opensAt: undefined }), ["opens_at"])
    assert.deepEqual(loosened({ ...open, opensAt: undefined }, { ...open, opensAt: undefined }), [])
  })

  it("[HE3] a half-open breaker that nobody probes may be opened without a time, and one that somebody probes not", () => {
    const probe = { expiresAt: MONDAY, runKey: "k", unknown: {} }
    assert.deepEqual(loosened({ state: "half-open" }, { state: "open" }), [])
    assert.deepEqual(loosened({ probe, state: "half-open" }, { state: "open" }), ["opens_at"])
    assert.deepEqual(loosened({ probe, state: "half-open" }, { opensAt: MONDAY, state: "open" }), [])
  })

  it("[HE3] a higher generation is looser unless the breaker opened with it, and a lower one is in any case", () => {
    assert.deepEqual(loosened({ generation: 2 }, { generation: 3 }), ["generation"])
    assert.deepEqual(loosened({ generation: 2 }, { generation: 1 }), ["generation"])
    assert.deepEqual(loosened({ generation: 2 }, { generation: 3, state: "open" }), [])
    assert.deepEqual(loosened({ generation: 2 }, { generation: 2, state: "open" }), [])
    assert.deepEqual(loosened({ generation: 2 }, { generation: 1, state: "open" }), ["generation"])
  })

  it("[HE3] what was loosened is named by its path and its ecosystem, ecosystems in order", () => {
    const twice = { ...BreakerState.initial, trips: 1 }
    const breakers = { npm: twice, cask: twice }
    const pauses = { "*": pauseUntil(undefined), npm: pauseUntil(undefined) }
    const before = ControlFile.withPauses({ ...ControlFile.initial, breakers }, pauses)
    const after = { ...ControlFile.initial, breakers: { npm: BreakerState.initial, pip: BreakerState.initial } }
    assert.deepEqual(HandEdit.loosenings(before, after), [
      { ecosystem: "cask", path: "circuit_breaker.cask.trips" },
      { ecosystem: "npm", path: "circuit_breaker.npm.trips" },
      { ecosystem: undefined, path: 'pauses["*"]' },
      { ecosystem: "npm", path: "pauses.npm" }
    ])
  })
})
