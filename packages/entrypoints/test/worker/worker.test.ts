import { strict as assert } from "node:assert"
import { request } from "node:http"
import type { Json } from "@batchbrake/core/json/Json"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import { runReport } from "@batchbrake/core/testing/ReportArbitrary"
import { FULL, MIDNIGHT, SQL } from "@batchbrake/core/testing/SampleRuns"
import { DAY, format, MINUTE } from "@batchbrake/core/time/Instant"
import { readBody } from "@batchbrake/entrypoints/worker/readBody"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, it } from "vitest"
import {
  type Deployment,
  deploy,
  READ,
  READ_NEXT,
  SHORT_TOKENS,
  WRITE,
  WRITE_NEXT,
  WRONG
} from "../support/Deployment.ts"

const MEBIBYTE = 2 ** 20
const now = (): number => Math.floor(Date.now() / 1000) * 1000
const reportAt = (at: number, more: Record<string, Json> = {}): Record<string, Json> => ({
  attempts: { failed: 1, passed: 3, skipped: 0 },
  completed_at: format(at),
  ecosystem: "npm",
  run_key: `run-${at}`,
  ...more
})

let worker: Deployment
beforeAll(async () => {
  worker = await deploy()
})
afterAll(() => worker.close())

const kept = async (): Promise<ReadonlyArray<unknown>> => {
  const counts = ["batch_runs", "recipe_results", "run_rollups", "daily_rollups"].map(
    (table) => `(SELECT COUNT(*) FROM ${table}) AS ${table}`
  )
  return worker.rows(`SELECT ${counts.join()}, (SELECT SUM(runs) FROM daily_rollups) AS runs`)
}

/**
 * Sends a body part by part and answers the status. Who is refused before all is sent may find the connection closed
 * instead: `reset`.
 */
const send = (parts: ReadonlyArray<Buffer>, isLengthSaid: boolean): Promise<number | "reset"> =>
  new Promise((resolve) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const headers = { authorization: `Bearer ${WRITE}`, "content-type": "application/json" }
    const { hostname, port } = new URL(worker.url)
    const sending = request(
      {
        headers: isLengthSaid ? { ...headers, "content-length": length } : headers,
        hostname,
        method: "POST",
        path: "/v1/runs",
        port
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
        response.on("end", () => sending.destroy())
      }
    )
    sending.on("error", () => resolve("reset"))
    const next = (place: number): void => {
      const part = parts[place]
      if (part === undefined) sending.end()
      else sending.write(part, () => next(place + 1))
    }
    next(0)
  })
const isRefused = (status: number | "reset"): boolean => status === 413 || status === "reset"

describe("A run that is posted", () => {
  it("[WO1] is stored once, and answered for again; under its key nothing else is", async () => {
    const report = RunReportJson.toJson({ ...FULL, completedAt: now() - DAY, startedAt: undefined })
    const first = await worker.post(report)
    assert.deepEqual([first.status, first.body], [201, { result: "stored" }])
    const before = await kept()
    const again = await worker.post({ ...report, completed_at: format(now()) }, WRITE_NEXT)
    assert.deepEqual([again.status, again.body], [200, { result: "known" }])
    const other = await worker.post({ ...report, batch: "2026-11-23-999" })
    assert.deepEqual([other.status, Object(other.body.error).code], [409, "conflict"])
    assert.deepEqual(await kept(), before)
    const { body } = await worker.ask(READ, "/v1/runs?ecosystem=npm")
    const [run] = body.runs as ReadonlyArray<Record<string, unknown>>
    assert.deepEqual([run?.run_key, run?.passed, run?.minutes], [FULL.runKey, 1, { linux: 7, macos: 13, windows: 2 }])
  })

  it("[WO4] that cannot be true is refused with its faults, and nothing is stored", async () => {
    const before = await kept()
    const at = now()
    const bad: ReadonlyArray<readonly [string, unknown]> = [
      ["completed_at", reportAt(at + 6 * MINUTE)],
      ["started_at", reportAt(at, { started_at: format(at + 1) })],
      ["attempts.failed", reportAt(at, { attempts: { failed: -1, passed: 1, skipped: 0 } })],
      ["attempts.passed", reportAt(at, { results: [{ recipe: "a", status: "failed" }] })],
      ["ecosystem", reportAt(at, { ecosystem: "x".repeat(10_000) })],
      ["ecosystem", reportAt(at, { ecosystem: SQL })],
      ["run_key", reportAt(at, { run_key: "a\nb" })],
      ["", "no JSON"],
      ["", "null"],
      ["", `${"[".repeat(300)}${"]".repeat(300)}`],
      ["run_key", '{"run_key":"a","run_key":"b"}']
    ]
    for (const [path, report] of bad) {
      const { body, status } = await worker.post(report)
      const { faults, message } = Object(body.error)
      assert.equal(status, 400, message)
      assert.ok(
        (faults as ReadonlyArray<{ path: string }>).some((fault) => path === "" || fault.path === path),
        message
      )
      assert.ok(message.length < 2000)
    }
    assert.deepEqual(await kept(), before)
  })

  it("[WO4] damaged anywhere is refused, and nothing is stored, or taken as it stands", async () => {
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<Json>(-1, 1e300, "", SQL, "\u0000", null))
    await fc.assert(
      fc.asyncProperty(runReport(MIDNIGHT - 30 * DAY), fc.context(), odd, fc.nat(), async (report, _, value, place) => {
        const json = RunReportJson.toJson({ ...report, runKey: `damaged-${place}` })
        const keys = Object.keys(json)
        const damaged = { ...json, [keys[place % keys.length] ?? "minutes"]: value }
        const before = await kept()
        const { status } = await worker.post(damaged)
        assert.ok([200, 201, 400, 409].includes(status), String(status))
        if (status !== 201) assert.deepEqual(await kept(), before)
      }),
      { numRuns: 40 }
    )
  })

  it("[WO3] may have 1 MiB and not a byte more", async () => {
    const text = JSON.stringify(reportAt(now(), { run_key: "large" }))
    const before = await kept()
    assert.ok(isRefused(await send([Buffer.from(text.padEnd(MEBIBYTE + 1))], true)))
    assert.deepEqual(await kept(), before)
    assert.equal(await send([Buffer.from(text.padEnd(MEBIBYTE))], true), 201)
  })

  it.each([
    ["says so", true],
    ["does not say so", false]
  ])("[WO3] of 50 MB is refused when it %s, and nothing is stored", async (_, isSaid) => {
    const before = await kept()
    assert.ok(
      isRefused(
        await send(
          Array.from({ length: 50 }, () => Buffer.alloc(MEBIBYTE, " ")),
          isSaid
        )
      )
    )
    assert.deepEqual(await kept(), before)
  })

  it("[WO3] is given up at the first byte too many", async () => {
    const [part, parts] = [MEBIBYTE / 4, 200]
    let [given, isCancelled] = [0, false]
    const body = new ReadableStream<Uint8Array>(
      {
        cancel: () => {
          isCancelled = true
        },
        pull: (controller) => {
          if (given++ < parts) controller.enqueue(new Uint8Array(part).fill(0x20))
          else controller.close()
        }
      },
      { highWaterMark: 0 }
    )
    const read = await readBody(new Request("http://worker/v1/runs", { body, duplex: "half", method: "POST" }))
    assert.deepEqual([read, given, isCancelled], [{ fault: "too-large" }, 5, true])
  })

  it("[WO3] has as many bytes as are counted, not as are said", async () => {
    const streamed = (bytes: number): ReadableStream<Uint8Array> =>
      new Blob([new Uint8Array(bytes).fill(0x20)]).stream()
    const faultOf = async (bytes: number): Promise<unknown> => {
      const asked = new Request("http://worker/v1/runs", { body: streamed(bytes), duplex: "half", method: "POST" })
      const read = await readBody(asked)
      return "fault" in read ? read.fault : read.text.length
    }
    assert.deepEqual([await faultOf(MEBIBYTE), await faultOf(MEBIBYTE + 1)], [MEBIBYTE, "too-large"])
  })

  it("[WO4] that is no JSON by its type, or no text, is refused", async () => {
    const typed = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
      worker.ask(WRITE, "/v1/runs", { body, headers: { "content-type": type }, method: "POST" })
    assert.equal((await typed("text/plain", "{}")).status, 415)
    assert.equal((await typed("application/json", Uint8Array.from([0x7b, 0xff, 0x7d]))).status, 400)
    assert.equal((await typed("application/json; charset=utf-8", "")).status, 400)
  })
})

describe("The door of the Worker", () => {
  it.each([WRITE, WRITE_NEXT])("[WO2] opens for writing, and not for reading, to %s", async (token) => {
    assert.equal((await worker.post(reportAt(now(), { run_key: token }), token)).status, 201)
    for (const path of ["/v1/runs", "/v1/sli"]) assert.equal((await worker.ask(token, path)).status, 403)
  })

  it.each([READ, READ_NEXT])("[WO2] opens for reading, and not for writing, to %s", async (token) => {
    const before = await kept()
    for (const path of ["/v1/runs", "/v1/sli"]) assert.equal((await worker.ask(token, path)).status, 200)
    assert.equal((await worker.post(reportAt(now(), { run_key: token }), token)).status, 403)
    assert.deepEqual(await kept(), before)
  })

  it("[WO2] stays shut to every other token, and says nothing of those that open it", async () => {
    const guarded = await deploy(SHORT_TOKENS)
    for (const token of [undefined, ...WRONG]) {
      for (const path of ["/v1/runs", "/v1/sli"]) {
        const { body, headers, status } = await guarded.ask(token, path)
        assert.deepEqual([status, headers.get("www-authenticate")], [401, "Bearer"], token)
        assert.ok(!JSON.stringify(body).includes(READ))
      }
      assert.equal((await guarded.post(reportAt(now()), token ?? "")).status, 401)
    }
    assert.deepEqual(await guarded.rows("SELECT * FROM batch_runs"), [])
    await guarded.close()
  })

  it("[WO2] stays shut to any text", async () => {
    const text = fc.string({
      maxLength: 60,
      minLength: 1,
      unit: fc.integer({ max: 126, min: 33 }).map((code) => String.fromCharCode(code))
    })
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        assert.equal((await worker.ask(token, "/v1/runs")).status, 401)
      }),
      { numRuns: 30 }
    )
  })

  it("[WO5] lets nobody do what there is not", async () => {
    assert.equal((await worker.ask(READ, "/v1/nothing")).status, 404)
    assert.equal((await worker.ask(READ, "/v1/runs/../../healthz/x")).status, 404)
    const wrong = await worker.ask(READ, "/v1/sli", { method: "DELETE" })
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "GET"])
    for (const query of ["ecosystem='", "limit=0", "limit=1001", "from=yesterday", "unitl=2026-11-23"])
      assert.equal((await worker.ask(READ, `/v1/runs?${query}`)).status, 400, query)
    for (const query of ["days=0", "days=367", "ecosystem=A", "window=7d"])
      assert.equal((await worker.ask(READ, `/v1/sli?${query}`)).status, 400, query)
  })
})

describe("The Worker's figures", () => {
  it("[WO5] are those of the runs, judged by the deployment's policy", async () => {
    const POLICY = JSON.stringify({ ecosystems: { npm: { slo: 0.7 } }, version: 1 })
    const own = await deploy({ POLICY })
    for (const place of [1, 2, 3, 4, 5]) await own.post(reportAt(now() - place * MINUTE))
    const { body, headers, status } = await own.ask(READ, "/v1/sli?ecosystem=npm&days=7")
    assert.deepEqual([status, headers.get("cache-control")], [200, "no-store"])
    const [npm] = body.ecosystems as ReadonlyArray<Record<string, unknown>>
    assert.deepEqual([npm?.passed, npm?.failed, npm?.success_rate, npm?.objective], [15, 5, 0.75, 0.7])
    assert.equal((await own.ask(READ, "/v1/sli?ecosystem=cask")).status, 404)
    await own.close()
  })

  it("[WO5] are of every ecosystem that has runs, where no policy is set", async () => {
    const { body } = await worker.ask(READ, "/v1/sli")
    const names = (body.ecosystems as ReadonlyArray<{ ecosystem: string }>).map(({ ecosystem }) => ecosystem)
    assert.ok(names.includes("npm"))
  })
})

describe("The Worker's upkeep", () => {
  it("[WO6] removes runs once a day that are older than 90 days, and never younger ones; their sums stay", async () => {
    const own = await deploy({ RETENTION_DAYS: "1" })
    for (const days of [400, 91, 89, 0]) await own.post(reportAt(now() - days * DAY, { run_key: `d${days}` }))
    await own.scheduled()
    const left = await own.rows("SELECT run_key FROM batch_runs ORDER BY completed_at")
    assert.deepEqual(
      left.map(({ run_key }) => run_key),
      ["d89", "d0"]
    )
    assert.deepEqual(await own.rows("SELECT SUM(runs) AS runs FROM daily_rollups"), [{ runs: 4 }])
    const again = await own.post(reportAt(now() - 400 * DAY, { run_key: "d400" }))
    assert.deepEqual([again.status, Object(again.body.error).code], [410, "too-old"])
    await own.close()
  })

  it("[WO7] tells anybody whether it is well, and nobody why not", async () => {
    assert.deepEqual((await worker.ask(undefined, "/healthz")).body, { status: "ok" })
    const bare = await deploy({}, { isMigrated: false })
    const { body, headers, status } = await bare.ask(undefined, "/healthz")
    assert.deepEqual([status, headers.get("retry-after")], [503, "5"])
    assert.ok(!JSON.stringify(body).includes("alerts"))
    const posted = await bare.post(reportAt(now()))
    assert.deepEqual([posted.status, Object(posted.body.error).code], [503, "metrics-unavailable"])
    await bare.close()
  })
})
