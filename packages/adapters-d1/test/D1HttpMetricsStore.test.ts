import { strict as assert } from "node:assert"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as D1HttpMetricsStore from "@batchbrake/adapters-d1/D1HttpMetricsStore"
import { migrate } from "@batchbrake/adapters-d1/migrate"
import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import { ALWAYS, FULL, MANY, plain } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, it } from "vitest"
import { ACCOUNT, type D1Api, type Fate, startD1Api, TOKEN } from "./support/D1Api.ts"
import { startWorkerd, type Workerd } from "./support/Workerd.ts"

const CHECKS = metricsStoreContract.length
const FAULTS = 15
/** Databases: one a check, one a run of the faults' property, and one that never gets its tables. */
const BARE = CHECKS + FAULTS

let workerd: Workerd
let api: D1Api
beforeAll(async () => {
  workerd = await startWorkerd(BARE + 1)
  api = await startD1Api(workerd)
})
afterAll(async () => {
  await api.close()
  await workerd.close()
})

const optionsOf = (number: number, more: Partial<D1HttpMetricsStore.Options> = {}): D1HttpMetricsStore.Options => ({
  account: ACCOUNT,
  api: api.url,
  database: `DB${number}`,
  firstWaitMillis: 1,
  timeoutMillis: 20_000,
  token: Redacted.make(TOKEN),
  ...more
})

const opened = (number: number) =>
  Effect.tap(D1HttpMetricsStore.openDatabase(optionsOf(number)), (database) => migrate(database))

const on = <A, E>(
  number: number,
  use: (store: MetricsStore["Service"]) => Effect.Effect<A, E>,
  more: Partial<D1HttpMetricsStore.Options> = {}
) =>
  Effect.runPromise(
    Effect.result(Effect.provide(MetricsStore.use(use), D1HttpMetricsStore.layer(optionsOf(number, more))))
  )

describe("The metrics store on D1 over HTTP keeps the contract, in front of workerd", () => {
  const numbered = metricsStoreContract.map((check, number) => ({ ...check, number }))
  it.each(numbered)("$name", ({ number, run }) =>
    Effect.runPromise(Effect.andThen(opened(number), Effect.provide(run, D1HttpMetricsStore.layer(optionsOf(number)))))
  )
})

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant<Fate>({ kind: "through" }),
  fc.record({
    kind: fc.constant("status" as const),
    lands: fc.boolean(),
    retryAfter: fc.constantFrom("0", "Thu, 01 Jan 1970 00:00:00 GMT"),
    status: fc.constantFrom(429, 500, 502, 503)
  }),
  fc.record({ kind: fc.constant("broken" as const), lands: fc.boolean() }),
  fc.constant<Fate>({ kind: "page" })
)

describe("D1 over HTTP", () => {
  it("[ME6] counts every run once, however many answers are lost or refused for now on the way", async () => {
    let number = CHECKS
    const runs = MANY.slice(0, 12)
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 4 }), async (fates) => {
        const own = number++
        await Effect.runPromise(opened(own))
        api.foresee(fates)
        const taken = await on(own, (store) => store.ingest(runs))
        assert.equal(taken._tag, "Success")
        const totals = await on(own, (store) => store.totals(ALWAYS))
        const again = await on(own, (store) => store.ingest(runs))
        assert.deepEqual(again._tag === "Success" && new Set(again.success), new Set(["known"]))
        const after = await on(own, (store) => store.totals(ALWAYS))
        assert.ok(totals._tag === "Success" && after._tag === "Success")
        assert.deepEqual(plain(after.success), plain(totals.success))
        const counted = [...totals.success.values()].reduce((sum, { runs: count }) => sum + count, 0)
        assert.equal(counted, runs.length)
      }),
      { numRuns: FAULTS }
    )
  })

  it("[ME6] says true of a swap of the alerts whose first answer was lost", async () => {
    await Effect.runPromise(opened(0))
    const before = await on(0, (store) => store.alerts)
    assert.ok(before._tag === "Success")
    api.foresee([{ kind: "broken", lands: true }])
    const swapped = await on(0, (store) => store.swapAlerts(before.success.version, "mine"))
    assert.deepEqual(swapped._tag === "Success" && swapped.success, true)
  })

  it("[ME7] gives up after five attempts, or when the wait that is asked for is longer than there is time", async () => {
    const refusal = (retryAfter: string): Fate => ({ kind: "status", lands: false, retryAfter, status: 429 })
    api.foresee(Array.from({ length: 9 }, () => refusal("0")))
    const tired = await on(0, (store) => store.ingest([FULL]))
    assert.deepEqual(tired._tag === "Failure" && tired.failure._tag, "MetricsUnavailable")
    assert.equal(api.asked(), 5)
    api.foresee([refusal("3600")])
    const hurried = await on(0, (store) => store.ingest([FULL]))
    assert.deepEqual(hurried._tag === "Failure" && hurried.failure._tag, "MetricsUnavailable")
    assert.equal(api.asked(), 1)
    api.foresee([])
  })

  it("[ME7] does not repeat what is refused for good, and says what is missing", async () => {
    api.foresee([])
    const bare = await on(BARE, (store) => store.ingest([FULL]))
    assert.ok(bare._tag === "Failure" && bare.failure._tag === "MetricsRefused")
    assert.match(bare.failure.message, /no such table.*`batchbrake metrics migrate`/)
    assert.equal(api.asked(), 1)
  })

  it("[ME8] never shows the token, which the API may send back", async () => {
    const token = "another-token-than-the-one-that-is-known"
    const refused = await on(0, (store) => store.ingest([FULL]), { token: Redacted.make(token) })
    assert.ok(refused._tag === "Failure" && refused.failure._tag === "MetricsRefused")
    assert.match(refused.failure.message, /HTTP 403.*\*\*\*.*D1 Edit/)
    assert.ok(!JSON.stringify(refused).includes(token) && !String(refused.failure.stack).includes(token))
  })

  it.each([440, 480, 490, 499, 500])("[ME8] shows no piece of it where %i characters come before", async (length) => {
    const message = `${"x".repeat(length)}${TOKEN}`
    const server = createServer((_, response) => {
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 1, message }], success: false }))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const place = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const refused = await on(0, (store) => store.ingest([FULL]), { api: place })
    await new Promise((resolve) => server.close(resolve))
    assert.ok(refused._tag === "Failure")
    assert.match(refused.failure.message, /x[*;]/)
  })

  it("[ME8] does not follow the API elsewhere with its token", async () => {
    const elsewhere = await startD1Api(workerd)
    elsewhere.foresee([])
    api.foresee(Array.from({ length: 5 }, (): Fate => ({ kind: "moved", to: `${elsewhere.url}/accounts/x` })))
    const moved = await on(0, (store) => store.ingest([FULL]))
    assert.equal(moved._tag, "Failure")
    assert.equal(elsewhere.asked(), 0)
    api.foresee([])
    await elsewhere.close()
  })

  it.each<[string, Partial<D1HttpMetricsStore.Options>]>([
    ["a token with a line end", { token: Redacted.make("abc\nx-admin: yes") }],
    ["an empty token", { token: Redacted.make("") }],
    ["an account that is a path", { account: "../../other" }],
    ["a database that is a path", { database: "x/../y" }],
    ["an open line", { api: "http://api.example.com/client/v4" }],
    ["an address with a password", { api: "https://user:word@api.example.com" }],
    ["an address with a query", { api: "https://api.example.com/?key=word" }],
    ["an address that is none", { api: "nowhere" }]
  ])("[ME8] refuses %s before anything is sent", async (_, more) => {
    api.foresee([])
    const refused = await on(0, (store) => store.ingest([FULL]), more)
    assert.ok(refused._tag === "Failure" && refused.failure._tag === "MetricsRefused")
    assert.ok(!refused.failure.message.includes("x-admin") && !refused.failure.message.includes("word@"))
    assert.equal(api.asked(), 0)
  })
})
