import { strict as assert } from "node:assert"
import type { MetricsStore as Store } from "@batchbrake/core/port/MetricsStore"
import { MetricsStore, MetricsUnavailable, type RunRow } from "@batchbrake/core/port/MetricsStore"
import { RestoredMetrics } from "@batchbrake/core/port/RestoredMetrics"
import { readSli } from "@batchbrake/core/program/readSli"
import { recordRun } from "@batchbrake/core/program/recordRun"
import type { EcosystemSli } from "@batchbrake/core/sli/EcosystemSli"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { report, result } from "@batchbrake/core/testing/SampleRuns"
import { DAY, HOUR, parse, startOfDay, WEEK } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { AT, begun, origin, POLICY } from "../support/branch.ts"
import { answerOf } from "../support/simulate.ts"

type Branch = MemoryControlStore.MemoryControlStore
type Metrics = Store["Service"]

/** Reports runs to the control branch and to the metrics, as `record` does. */
const record = async (branch: Branch, metrics: Metrics, runs: ReadonlyArray<RunReport>): Promise<void> => {
  for (const run of runs) {
    const { attempts, completedAt, ecosystem, runKey } = run
    const event = { _tag: "RunCompleted", at: completedAt, attempts, author: "ci", ecosystem, runKey } as const
    await answerOf(recordRun(POLICY, event, origin().nonce), branch.service)
  }
  await Effect.runPromise(metrics.ingest(runs))
}

const ask = async (branch: Branch, metrics: Metrics, at: number, windowMillis = WEEK) => {
  const question = { at, ecosystems: ["npm", "cask"], policy: POLICY, windowMillis }
  const answer = await answerOf(readSli(question).pipe(Effect.provideService(MetricsStore, metrics)), branch.service)
  const [npm, cask] = answer.slis
  if (npm === undefined || cask === undefined) throw new Error("an ecosystem is missing")
  return { ...answer, cask, npm }
}

const codesOf = ({ notices }: { readonly notices: ReadonlyArray<{ readonly code: string }> }) =>
  notices.map(({ code }) => code)
const kindsOf = ({ anomalies }: EcosystemSli) => anomalies.map(({ kind }) => kind)

const rowOf = ({ attempts, ...run }: RunReport): RunRow => ({ ...run, ...attempts })
const npmOf = ({ ecosystems: { npm } }: typeof POLICY) => npm ?? assert.fail("the policy knows npm")

const unavailable = Effect.fail(new MetricsUnavailable({ detail: "the disk is full", store: "metrics.sqlite" }))
const AWAY: Metrics = {
  alerts: unavailable,
  horizon: unavailable,
  ingest: () => unavailable,
  name: "metrics.sqlite",
  platformTotals: () => unavailable,
  prune: () => unavailable,
  restore: () => unavailable,
  runs: () => unavailable,
  swapAlerts: () => unavailable,
  totals: () => unavailable
}

describe("readSli (SPEC.md SL, AN)", () => {
  it("[SL11] a window holds what completed after its beginning, up to and at its end", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await record(branch, metrics, [report("a", AT + DAY), report("b", AT + 2 * DAY), report("c", AT + 3 * DAY)])
    const passed = async (at: number, span: number) => (await ask(branch, metrics, at, span)).npm.window.passed.count
    assert.equal(await passed(AT + 3 * DAY, DAY), 3)
    assert.equal(await passed(AT + 3 * DAY, DAY + 1), 6)
    assert.equal(await passed(AT + 3 * DAY - 1, DAY), 3)
    assert.equal(await passed(AT + 3 * DAY, WEEK), 9)
    assert.equal((await ask(branch, metrics, AT + 3 * DAY)).cask.rate, undefined)
  })

  it("[SL11] each stretch and what came before the last day are read of their own", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const now = AT + 6 * DAY
    const all = (key: string, ago: number, failed: number) =>
      report(key, now - ago, { attempts: { failed, passed: 40 - failed, skipped: 0 } })
    await record(branch, metrics, [all("a", 5 * DAY, 4), all("b", 2 * DAY, 4), all("c", HOUR, 40)])
    const { npm } = await ask(branch, metrics, now)
    assert.deepEqual(kindsOf(npm), ["rate-jump"])
    assert.deepEqual(
      npm.burning.map(({ attempts }) => attempts),
      [40, 80]
    )
    assert.equal(npm.window.failed.count, 48)
  })

  it("[SL8] a run that only the control branch knows of keeps figures from being called stale", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await record(branch, metrics, [report("a", AT)])
    assert.equal((await ask(branch, metrics, AT + 3 * DAY)).npm.verdict, "stale")
    await record(branch, MemoryMetricsStore.make(), [report("b", AT + 2 * DAY)])
    const { npm, ...answer } = await ask(branch, metrics, AT + 3 * DAY)
    assert.equal(npm.newestRunAt, AT + 2 * DAY)
    assert.notEqual(npm.verdict, "stale")
    assert.deepEqual(codesOf(answer), ["metrics-behind"])
  })

  it("[SL12] with the metrics away there are no figures, and it is said; nothing fails", async () => {
    const branch = await begun()
    await record(branch, MemoryMetricsStore.make(), [report("a", AT)])
    const soon = await ask(branch, AWAY, AT + HOUR)
    assert.deepEqual([soon.npm.verdict, soon.isMetricsRead, codesOf(soon)], ["no-data", false, ["metrics-away"]])
    assert.match(soon.notices[0]?.message ?? "", /the disk is full/)
    assert.equal((await ask(branch, AWAY, AT + 3 * DAY)).npm.verdict, "stale")
  })

  it("[ME13] with the metrics away and others restored, figures are theirs, and it is said whose", async () => {
    const [branch, restored] = [await begun(), MemoryMetricsStore.make()]
    await record(branch, restored, [report("a", AT)])
    const question = { at: AT + HOUR, ecosystems: ["npm"], policy: POLICY, windowMillis: WEEK }
    const asked = (open: Effect.Effect<Metrics, MetricsUnavailable>) =>
      answerOf(
        readSli(question).pipe(
          Effect.provideService(MetricsStore, AWAY),
          Effect.provideService(RestoredMetrics, { open })
        ),
        branch.service
      )
    const answer = await asked(Effect.succeed(restored))
    assert.deepEqual([answer.isMetricsRead, answer.store], [true, restored.name])
    assert.equal(answer.slis[0]?.window.passed.count, 3)
    assert.match(answer.notices[0]?.message ?? "", /the disk is full.*figures come from metrics in memory/)
    for (const open of [unavailable, Effect.succeed(AWAY)]) {
      const none = await asked(open)
      assert.deepEqual([none.isMetricsRead, none.store, codesOf(none)], [false, AWAY.name, ["metrics-away"]])
    }
  })

  it("[ME16] a window that begins before the horizon is rounded to whole days and says so, and no other", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const day = startOfDay(AT) + DAY
    const runs = [report("a", day + HOUR), report("b", day + 7 * HOUR), report("c", day + 3 * DAY)]
    await record(branch, metrics, runs)
    const now = day + 4 * DAY + 6 * HOUR
    const before = await ask(branch, metrics, now, 4 * DAY)
    await Effect.runPromise(metrics.prune(now - 2 * DAY))
    const after = await ask(branch, metrics, now, 4 * DAY)
    assert.deepEqual([before.npm.window.runs, codesOf(before)], [2, []])
    assert.deepEqual([after.npm.window.runs, codesOf(after).includes("window-rounded")], [3, true])
    assert.match(after.notices.find(({ code }) => code === "window-rounded")?.message ?? "", /begins at .*T00:00:00Z/)
    assert.equal(codesOf(await ask(branch, metrics, now, DAY)).includes("window-rounded"), false)
  })

  it("[SL12] with the control branch away there are figures, and no run is called unexplained", async () => {
    const metrics = MemoryMetricsStore.make()
    await Effect.runPromise(metrics.ingest([report("a", AT)]))
    const answer = await ask(MemoryControlStore.make(), metrics, AT + HOUR)
    assert.equal(answer.npm.rate?.rate, 0.75)
    assert.deepEqual([kindsOf(answer.npm), codesOf(answer)], [[], ["control-away"]])
  })

  it("[AN4] a run in the metrics that never reported to the control branch is unexplained, and one that did is not", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await record(branch, metrics, [report("honest", AT + HOUR)])
    assert.deepEqual(kindsOf((await ask(branch, metrics, AT + 2 * HOUR)).npm), [])
    await Effect.runPromise(
      metrics.ingest([report("invented", AT + HOUR), report("honest", AT, { ecosystem: "cask" })])
    )
    const { cask, npm } = await ask(branch, metrics, AT + 2 * HOUR)
    assert.match(npm.anomalies[0]?.message ?? "", /invented/)
    assert.doesNotMatch(npm.anomalies[0]?.message ?? "", /honest/)
    assert.deepEqual(kindsOf(cask), ["unexplained-run"])
  })

  it("[AN4] a run from before the control branch forgets is not called unexplained", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await Effect.runPromise(metrics.ingest([report("old", AT)]))
    assert.deepEqual(kindsOf((await ask(branch, metrics, AT + 34 * DAY - 1, 40 * DAY)).npm), ["unexplained-run"])
    assert.deepEqual(kindsOf((await ask(branch, metrics, AT + 34 * DAY, 40 * DAY)).npm), [])
  })

  it("[AN4] a run of an ecosystem that the policy does not know is flagged, unless the control branch tells of it", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const everything = async (at: number, service = branch.service) => {
      const question = { at, ecosystems: Object.keys(POLICY.ecosystems), policy: POLICY, windowMillis: WEEK }
      return answerOf(readSli(question).pipe(Effect.provideService(MetricsStore, metrics)), service)
    }
    await Effect.runPromise(metrics.ingest([report("sneaky", AT, { ecosystem: "pypi" })]))
    const found = await everything(AT)
    assert.deepEqual(found.strangers, [{ ecosystem: "pypi", unexplained: ["sneaky"] }])
    assert.match(
      found.notices.find(({ code }) => code === "unexplained-run")?.message ?? "",
      /^pypi, which .*: .*sneaky/
    )
    // One who asks for some of the ecosystems is not told of others.
    assert.deepEqual((await ask(branch, metrics, AT)).strangers, [])
    const lost = await everything(AT, MemoryControlStore.make().service)
    assert.deepEqual(lost.strangers, [{ ecosystem: "pypi", unexplained: undefined }])
    const known = { ...POLICY, ecosystems: { ...POLICY.ecosystems, pypi: npmOf(POLICY) } }
    const event = { _tag: "RunCompleted", at: AT, author: "ci", ecosystem: "pypi", runKey: "sneaky" } as const
    const attempts = { failed: 1, passed: 3, skipped: 0 }
    await answerOf(recordRun(known, { ...event, attempts }, origin().nonce), branch.service)
    assert.deepEqual((await everything(AT)).strangers, [{ ecosystem: "pypi", unexplained: [] }])
  })

  it("[AN4] behind a thousand runs that are known one that nobody tells of is flagged, and it is said where looking ends", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const runs = (count: number, at: number) =>
      Array.from({ length: count }, (_, place) => report(`${at} ${place}`, at))
    const ordinary: Metrics = {
      ...metrics,
      runs: ({ limit }) => Effect.succeed([...runs(1200, AT), report("sneaky", AT - HOUR)].slice(0, limit).map(rowOf))
    }
    const [anomaly] = (await ask(branch, ordinary, AT)).npm.anomalies
    assert.match(anomaly?.message ?? "", /and 1198 more/)
    const crowded: Metrics = { ...metrics, runs: ({ limit }) => Effect.succeed(runs(limit, AT).map(rowOf)) }
    const bounded = await ask(branch, crowded, AT)
    assert.match(bounded.notices.find(({ code }) => code === "runs-unchecked")?.message ?? "", /newest 5000 runs/)
    assert.ok(!codesOf(await ask(branch, ordinary, AT)).includes("runs-unchecked"))
  })

  it("[AN3] a run of the future is found though no window holds it", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    await record(branch, metrics, [report("ahead", AT + DAY)])
    assert.deepEqual(kindsOf((await ask(branch, metrics, AT)).npm), ["impossible-value"])
  })

  it("[MO1] minutes are priced by the day that their run completed on, though the window goes over a change of prices", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const newYear = parse("2026-01-01") ?? 0
    const minutes = { macos: 100 }
    await Effect.runPromise(
      metrics.ingest([report("old", newYear - 1, { minutes }), report("new", newYear, { minutes })])
    )
    const { npm } = await ask(branch, metrics, newYear + DAY)
    assert.deepEqual([npm.window.minutes, npm.cost.dollars, npm.cost.prices.length], [{ macos: 200 }, 14.2, 2])
    assert.equal((await ask(branch, metrics, newYear - 1)).npm.cost.dollars, 8)
    assert.equal((await ask(branch, metrics, newYear + 8 * DAY)).npm.cost.dollars, 0)
  })

  it("[SL5] sampled results count for what they stand for", async () => {
    const [branch, metrics] = [await begun(), MemoryMetricsStore.make()]
    const results = [result("a", "passed"), result("b", "failed", { weight: 4 }), result("c", "passed")]
    await record(branch, metrics, [report("a", AT, { attempts: { failed: 1, passed: 2, skipped: 0 }, results })])
    const { npm } = await ask(branch, metrics, AT)
    assert.equal(npm.rate?.rate, 1 / 3)
    assert.equal(npm.rate?.attempts, 3)
  })
})
