import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as FileSpool from "@batchbrake/adapters-d1/FileSpool"
import { MetricsRefused, MetricsStore, MetricsUnavailable } from "@batchbrake/core/port/MetricsStore"
import { Spool } from "@batchbrake/core/port/Spool"
import { pushSpool } from "@batchbrake/core/program/pushSpool"
import * as MemoryMetricsStore from "@batchbrake/core/testing/MemoryMetricsStore"
import { runReport } from "@batchbrake/core/testing/ReportArbitrary"
import { ALWAYS, expectedTotals, FULL, MANY, MIDNIGHT, plain, report } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { afterAll, beforeAll, beforeEach, describe, it } from "vitest"

let root: string
let directory: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "spool-"))
})
beforeEach(() => {
  directory = join(mkdtempSync(join(root, "each-")), "spool")
})
afterAll(() => rmSync(root, { force: true, recursive: true }))

type Store = MetricsStore["Service"]

const using = <A, E>(use: (spool: Spool["Service"]) => Effect.Effect<A, E>, more: Partial<FileSpool.Options> = {}) =>
  Effect.runPromise(Effect.result(Spool.use(use).pipe(Effect.provide(FileSpool.layer({ directory, ...more })))))

const push = (store: Store, more: Partial<FileSpool.Options> = {}) =>
  Effect.runPromise(
    Effect.result(
      pushSpool().pipe(
        Effect.provideService(MetricsStore, store),
        Effect.provide(FileSpool.layer({ directory, ...more }))
      )
    )
  )

const addAll = (reports: typeof MANY) => using((spool) => Effect.forEach(reports, (each) => spool.add(each)))
const entries = (): ReadonlyArray<string> => readdirSync(directory).filter((name) => name.endsWith(".json"))

describe("The spool", () => {
  it("[SP1] hands every report in as it was, once, and is empty then", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(runReport(MIDNIGHT), { maxLength: 6 }), async (reports) => {
        directory = join(mkdtempSync(join(root, "each-")), "spool")
        const store = MemoryMetricsStore.make()
        await addAll(reports)
        await addAll(reports)
        const firsts = new Map(reports.map((each) => [`${each.ecosystem} ${each.runKey}`, each]))
        const pushed = await push(store)
        assert.equal(pushed._tag, "Success")
        const rows = await Effect.runPromise(store.runs({ ecosystem: undefined, limit: 100, span: ALWAYS }))
        assert.equal(rows.length, firsts.size)
        const again = await push(store)
        assert.deepEqual(again._tag === "Success" && again.success, { dropped: 0, known: 0, setAside: [], stored: 0 })
      }),
      { numRuns: 15 }
    )
  })

  it("[SP2] refuses what would be more files or more bytes than it may hold, and keeps what it has", async () => {
    await using((spool) => spool.add(report("one", MIDNIGHT)), { mostFiles: 2 })
    await using((spool) => spool.add(report("two", MIDNIGHT)), { mostFiles: 2 })
    const third = await using((spool) => spool.add(report("three", MIDNIGHT)), { mostFiles: 2 })
    assert.ok(third._tag === "Failure")
    assert.match(third.failure.message, /full: 2 reports/)
    const known = await using((spool) => spool.add(report("two", MIDNIGHT)), { mostFiles: 2 })
    assert.equal(known._tag, "Success")
    const bytes = entries().reduce((sum, name) => sum + readFileSync(join(directory, name)).length, 0)
    const size = Buffer.byteLength(readFileSync(join(directory, entries()[0] ?? "")))
    const large = await using((spool) => spool.add(report("abc", MIDNIGHT)), { mostBytes: bytes + size - 1 })
    assert.equal(large._tag, "Failure")
    const fitting = await using((spool) => spool.add(report("abc", MIDNIGHT)), { mostBytes: bytes + size })
    assert.equal(fitting._tag, "Success")
    assert.equal(entries().length, 3)
  })

  it("[SP3] does not know a report that a crash left half-written, and sweeps it away in time", async () => {
    mkdirSync(directory, { recursive: true })
    for (const name of [".draft-new", ".draft-old"]) writeFileSync(join(directory, name), '{"run_key":"half')
    utimesSync(join(directory, ".draft-old"), 1, 1)
    await addAll([FULL])
    const store = MemoryMetricsStore.make()
    const pushed = await push(store)
    assert.deepEqual(pushed._tag === "Success" && pushed.success, { dropped: 0, known: 0, setAside: [], stored: 1 })
    assert.deepEqual(readdirSync(directory), [".draft-new"])
  })

  it("[SP3] keeps a report whole or not at all when its writer is killed", async () => {
    const script = join(import.meta.dirname, "support/spoolUntilKilled.ts")
    const writer = spawn(process.execPath, [script, directory], { stdio: ["ignore", "pipe", "inherit"] })
    await once(writer.stdout, "data")
    writer.kill("SIGKILL")
    await once(writer, "close")
    const store = MemoryMetricsStore.make()
    const waiting = entries().length
    const pushed = await push(store)
    assert.ok(waiting > 0)
    assert.deepEqual(pushed._tag === "Success" && pushed.success, {
      dropped: 0,
      known: 0,
      setAside: [],
      stored: waiting
    })
  })

  it.each<[string, string, RegExp]>([
    ["half a report", '{"run_key":"half', /JSON/],
    ["another's file", '{"kind":"invoice"}', /kind/],
    [
      "counts that do not add up",
      JSON.stringify({
        attempts: { failed: -1, passed: 1, skipped: 0 },
        completed_at: "2026-11-23",
        ecosystem: "npm",
        run_key: "a"
      }),
      /attempts\.failed/
    ],
    ["nothing", "", /JSON/]
  ])("[SP4] sets %s aside with its reason, and hands the others in", async (_, text, reason) => {
    await addAll(MANY)
    writeFileSync(join(directory, "0000.json"), text)
    const store = MemoryMetricsStore.make()
    const pushed = await push(store)
    assert.ok(pushed._tag === "Success")
    assert.equal(pushed.success.stored, MANY.length)
    assert.deepEqual(
      pushed.success.setAside.map(({ id }) => id),
      ["0000.json"]
    )
    assert.match(readFileSync(join(directory, "set-aside/0000.json.reason"), "utf8"), reason)
    assert.equal(readFileSync(join(directory, "set-aside/0000.json"), "utf8"), text)
    const totals = await Effect.runPromise(store.totals(ALWAYS))
    assert.deepEqual(plain(totals), plain(expectedTotals(MANY, ALWAYS)))
  })

  it("[SP4] sets aside what the store knows otherwise, or has pruned", async () => {
    const store = MemoryMetricsStore.make()
    const old = report("old", MIDNIGHT - 1)
    await Effect.runPromise(Effect.andThen(store.ingest([FULL]), store.prune(MIDNIGHT)))
    await addAll([old, { ...FULL, batch: "2026-11-23-999" }])
    const pushed = await push(store)
    assert.deepEqual(pushed._tag === "Success" && pushed.success.setAside.length, 2)
    assert.equal(entries().length, 0)
  })

  it("[SP4] sets aside what the store refuses while it takes others, and nothing while it refuses all", async () => {
    await addAll(MANY)
    const inner = MemoryMetricsStore.make()
    const refused = (runKeys: ReadonlySet<string>): Store => ({
      ...inner,
      ingest: (reports) =>
        reports.some(({ runKey }) => runKeys.has(runKey))
          ? Effect.fail(new MetricsRefused({ detail: "no", store: "s" }))
          : inner.ingest(reports)
    })
    const all = await push(refused(new Set(MANY.map(({ runKey }) => runKey))))
    assert.equal(all._tag === "Failure" && all.failure._tag, "MetricsRefused")
    assert.equal(entries().length, MANY.length)
    const one = await push(refused(new Set(["run-7"])))
    assert.ok(one._tag === "Success")
    assert.deepEqual([one.success.stored, one.success.setAside.map(({ reason }) => reason)], [MANY.length - 1, ["no"]])
  })

  it("[SP2] [SP4] keeps what is set aside within its bounds, the newest of it, and says how many went", async () => {
    mkdirSync(directory, { recursive: true })
    const names = Array.from({ length: 7 }, (_, place) => `${place}.json`)
    for (const name of names) writeFileSync(join(directory, name), "poison")
    const kept = () => readdirSync(join(directory, "set-aside")).filter((name) => name.endsWith(".json"))
    const first = await push(MemoryMetricsStore.make(), { mostFiles: 5 })
    assert.ok(first._tag === "Success")
    assert.deepEqual([first.success.setAside.length, first.success.dropped, kept().length], [7, 2, 5])
    writeFileSync(join(directory, "more.json"), "more poison")
    const second = await push(MemoryMetricsStore.make(), { mostBytes: 11 + 6 })
    assert.ok(second._tag === "Success")
    assert.deepEqual([second.success.setAside.length, second.success.dropped, kept().length], [1, 4, 2])
    assert.ok(kept().includes("more.json"))
    assert.equal(readdirSync(join(directory, "set-aside")).length, 4)
  })

  it("[SP4] sets aside a link that leads nowhere, one that leads elsewhere, and a directory", async () => {
    await addAll([FULL])
    const [good = ""] = entries()
    renameSync(join(directory, good), join(directory, "elsewhere"))
    symlinkSync(join(directory, "nowhere"), join(directory, "a.json"))
    symlinkSync(join(directory, "elsewhere"), join(directory, "b.json"))
    mkdirSync(join(directory, "c.json"))
    const pushed = await push(MemoryMetricsStore.make())
    assert.ok(pushed._tag === "Success")
    assert.deepEqual(
      pushed.success.setAside.map(({ id, reason }) => [id, reason]),
      ["a.json", "b.json", "c.json"].map((id) => [id, "it is no file, or a link to one"])
    )
    assert.deepEqual([pushed.success.stored, entries()], [0, []])
  })

  it("[SP5] keeps everything while the store is away, and what was handed in before it went is not counted twice", async () => {
    await addAll(MANY)
    const inner = MemoryMetricsStore.make()
    let left = 1
    // The answer is lost after the runs have landed.
    const failing: Store = {
      ...inner,
      ingest: (reports) =>
        Effect.andThen(inner.ingest(reports), (answers) =>
          left-- > 0 ? Effect.fail(new MetricsUnavailable({ detail: "gone", store: "s" })) : Effect.succeed(answers)
        )
    }
    const first = await push(failing)
    assert.equal(first._tag === "Failure" && first.failure._tag, "MetricsUnavailable")
    assert.equal(entries().length, MANY.length)
    const second = await push(failing)
    assert.deepEqual(second._tag === "Success" && second.success, {
      dropped: 0,
      known: MANY.length,
      setAside: [],
      stored: 0
    })
    const totals = await Effect.runPromise(inner.totals(ALWAYS))
    assert.deepEqual(plain(totals), plain(expectedTotals(MANY, ALWAYS)))
  })

  it("[SP5] is drained by several at once: each report counts once", async () => {
    await addAll(MANY)
    const store = MemoryMetricsStore.make()
    const pushed = await Promise.all([push(store), push(store), push(store)])
    const stored = pushed.map((each) => (each._tag === "Success" ? each.success.stored : Number.NaN))
    assert.equal(
      stored.reduce((sum, count) => sum + count, 0),
      MANY.length
    )
    assert.equal(entries().length, 0)
  })
})
