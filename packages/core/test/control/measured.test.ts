import { strict as assert } from "node:assert"
import * as JobMinutes from "@batchbrake/core/budget/JobMinutes"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import * as RunReports from "@batchbrake/core/control/RunReports"
import { Forge, ForgeRefused } from "@batchbrake/core/port/Forge"
import { measureJobs } from "@batchbrake/core/program/measureJobs"
import * as MemoryForge from "@batchbrake/core/testing/MemoryForge"
import { MINUTE } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const ORIGIN = { at: 10 * MINUTE, author: "ops" }

const job = (more: Partial<JobMinutes.Job> = {}): JobMinutes.Job => ({
  completedAt: 6 * MINUTE + 1,
  isSuccessful: true,
  name: "Generate npm",
  platform: "linux",
  startedAt: 0,
  ...more
})

const read = (line: object, jobs: ReadonlyArray<JobMinutes.Job> | undefined) => {
  const measured = jobs === undefined ? undefined : JobMinutes.measure(jobs, "Generate npm", ORIGIN.at)
  const text = JSON.stringify({ ecosystem: "npm", run_key: "4711-1", ...line })
  const [report] = Result.getOrThrow(RunReports.parse(text, ORIGIN, () => measured))
  if (report === undefined) throw new Error("no report")
  return report
}

const PASSED = '{"recipe":"a","status":"passed"}\n'
const CUT = '{"recipe":"b","sta'

const minutes = fc.dictionary(fc.constantFrom("linux", "macos", "windows"), fc.integer({ max: 400, min: 1 }), {
  maxKeys: 3,
  noNullPrototype: true
})

describe("Minutes and results of jobs that the forge knows (SPEC.md JU)", () => {
  it("[JU11] of each platform the larger counts, whoever says so, and no report is worth less for being measured", () => {
    fc.assert(
      fc.property(minutes, minutes, fc.boolean(), (stated, measured, isAbandoned) => {
        const line = {
          minutes: Object.entries(stated).map(([platform, count]) => `${platform}=${count}`),
          ...(isAbandoned ? { abandoned: true } : { results: PASSED })
        }
        const jobs = Object.entries(measured).map(([platform, count]) => job({ completedAt: count * MINUTE, platform }))
        const { end } = read(line, jobs)
        for (const platform of ["linux", "macos", "windows"]) {
          const larger = Math.max(stated[platform] ?? 0, measured[platform] ?? 0)
          assert.equal(Minutes.of(end.minutes ?? {}, platform), larger)
        }
      })
    )
  })

  it("[JU11] where nothing is stated the jobs settle it; one that never started, or has another name, adds nothing", () => {
    assert.deepEqual(read({ abandoned: true }, [job()]).end.minutes, { linux: 7 })
    assert.deepEqual(read({ results: PASSED }, [job({ completedAt: undefined })]).end.minutes, { linux: 10 })
    const strangers = ["Generate npm ", "generate npm", "Generate npm2", "Generate", "other / Generate npm"]
    for (const jobs of [[], [job({ startedAt: undefined })], strangers.map((name) => job({ name })), undefined]) {
      assert.equal(read({ abandoned: true }, jobs).end.minutes, undefined)
      assert.deepEqual(read({ minutes: ["linux=2.5"], results: PASSED }, jobs).end.minutes, { linux: 3 })
    }
    const somewhere = read({ abandoned: true }, [job({ platform: undefined })])
    assert.deepEqual([somewhere.end.minutes, somewhere.notices[0]?.code], [undefined, "minutes-unmeasured"])
    assert.deepEqual(read({ abandoned: true, minutes: ["linux=1"] }, [job({ platform: undefined })]).notices, [])
  })

  it("[JU13] a last line that broke off is left out of a job that was stopped, and refused of any other", () => {
    const stopped = read({ results: PASSED + CUT }, [job({ isSuccessful: false })])
    assert.deepEqual(
      [stopped.faults, stopped.notices.map(({ code }) => code), stopped.results.map(({ recipe }) => recipe)],
      [[], ["results-cut"], ["a"]]
    )
    assert.equal(stopped.end._tag, "RunCompleted")
    const others = [
      undefined,
      [],
      [job()],
      [job({ isSuccessful: undefined })],
      [job({ isSuccessful: false, name: "x" })]
    ]
    for (const jobs of others) {
      const refused = read({ results: PASSED + CUT }, jobs)
      assert.deepEqual([refused.end._tag, refused.faults.length > 0, refused.notices], ["RunAbandoned", true, []])
    }
  })

  it("[JU13] of a stopped job nothing but that line is left out: a whole line, a line before, a line that is no result", () => {
    const broken = [job({ isSuccessful: false })]
    for (const results of [`${CUT}\n`, `${CUT}\n${PASSED}`, `${CUT}\n${CUT}`, "longer than 32 MiB\n"]) {
      assert.equal(read({ results }, broken).end._tag, "RunAbandoned", results)
    }
    for (const results of [PASSED, PASSED.trim(), `${PASSED}  `, ""]) {
      const { end, notices } = read({ results }, broken)
      assert.deepEqual([end._tag, notices], ["RunCompleted", []], results)
    }
    const cuts = fc.integer({ max: PASSED.length - 2, min: 1 })
    fc.assert(
      fc.property(cuts, (length) => {
        const { end, results } = read({ results: PASSED + PASSED.slice(0, length) }, broken)
        assert.deepEqual([end._tag, results.length], ["RunCompleted", 1])
      })
    )
  })

  it("[JU12] a forge that refuses, or never answers, leaves a warning within its time and never a failure", async () => {
    const { ran, service } = MemoryForge.make()
    const asking = (forge: Forge["Service"]) =>
      Effect.runPromise(
        Effect.gen(function* () {
          const asked = yield* Effect.forkChild(measureJobs({ attempt: 1, run: 4711 }))
          yield* TestClock.adjust("20 seconds")
          return yield* Fiber.join(asked)
        }).pipe(Effect.provideService(Forge, forge), Effect.provide(TestClock.layer()))
      )
    const refused = new ForgeRefused({
      detail: "no\nway",
      forge: "test",
      operation: "read the jobs of a run",
      permission: "actions: read",
      reason: "permission"
    })
    for (const jobsOf of [() => Effect.never, () => Effect.fail(refused), service.jobsOf]) {
      const { jobs, notices } = await asking({ ...service, jobsOf })
      assert.equal(jobs, undefined)
      assert.deepEqual(
        notices.map(({ code, severity }) => [code, severity]),
        [["minutes-unmeasured", "warning"]]
      )
      assert.ok(!notices[0]?.message.includes("\n"))
    }
    ran({ attempt: 1, run: 4711 }, [job()])
    assert.deepEqual(await asking(service), { jobs: [job()], notices: [] })
  })
})
