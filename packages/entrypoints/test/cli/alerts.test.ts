import { strict as assert } from "node:assert"
import { createHmac } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const SECRET = "correct horse battery staple"
const PATH = "/hooks/t0ken"

interface Received {
  readonly id: string
  readonly signature: string
  readonly stamp: string
  readonly body: string
}

/** Somebody on this machine who takes alerts, or does not. */
const listen = async () => {
  const received: Array<Received> = []
  let status = 204
  const server: Server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const header = (name: string): string => String(request.headers[name])
      received.push({
        body: Buffer.concat(chunks).toString("utf8"),
        id: header("webhook-id"),
        signature: header("webhook-signature"),
        stamp: header("webhook-timestamp")
      })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    answer: (next: number) => {
      status = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`
  }
}

const keysIn = (answer: Json): ReadonlyArray<string> =>
  Array.isArray(answer.alerts) ? answer.alerts.map(({ condition, subject }) => `${condition} ${subject}`).sort() : []
const codesIn = (answer: Json): ReadonlyArray<string> =>
  Array.isArray(answer.notices) ? answer.notices.map(({ code }) => code) : []

describe("Alerts", () => {
  let workshop: Workshop
  let hook: Awaited<ReturnType<typeof listen>>
  const environment = () => ({ BATCHBRAKE_WEBHOOK_SECRET: SECRET, BATCHBRAKE_WEBHOOK_URL: hook.url })
  const at = (minute: number): ReadonlyArray<string> => [
    ...["alerts", "--local", "--at"],
    `2026-11-23T07:${String(minute).padStart(2, "0")}:00Z`
  ]
  beforeAll(async () => {
    hook = await listen()
    workshop = await openWorkshop(["npm", "cask"])
    await workshop.expecting(0, ["init", "--local", "--at", "2026-11-23T05:00:00Z"])
    const record = ["record", "--local", "--at", "2026-11-23T06:00:00Z", "--ecosystem", "npm", "--run", "bad"]
    await workshop.expecting(0, [...record, "--passed", "2", "--failed", "58"])
  })
  afterAll(async () => {
    await hook.close()
    workshop.dispose()
  })

  it("[AL1] are opened once and stand; the exit code says so only when it is asked to", async () => {
    const first = await workshop.json(0, at(0))
    const expected = [
      "breaker-open npm",
      "burn-rate npm 1d",
      "burn-rate npm 3d",
      "error-budget npm",
      "success-rate npm"
    ]
    assert.deepEqual(keysIn(first), expected)
    assert.equal(Object(first.changes).length, expected.length)
    const again = await workshop.json(1, [...at(1), "--exit-code"])
    assert.deepEqual([keysIn(again), again.changes], [expected, []])
    await workshop.expecting(0, [...at(1), "--ecosystem", "cask", "--exit-code"])
  })

  it("[AL15] each have a class and a time to respond", async () => {
    const { stdout } = await workshop.expecting(0, at(2))
    assert.match(stdout, /^SEVERITY +CLASS +RESPOND +SINCE +CONDITION +WHAT/)
    assert.match(stdout, /^critical +high +within 4 h +2026-11-23T07:00:00Z +breaker-open /m)
  })

  it("[NO6] are told to a webhook when one is there, each once, though they opened before", async () => {
    const told = await workshop.json(0, at(3), { environment: environment() })
    assert.deepEqual([told.told, told.undelivered, hook.received.length], [5, 0, 5])
    for (const { body, id, signature, stamp } of hook.received) {
      const digest = createHmac("sha256", SECRET).update(`${id}.${stamp}.${body}`).digest("base64")
      assert.equal(signature, `v1,${digest}`)
      assert.equal(JSON.parse(body).type, "batchbrake.alert.opened")
    }
    assert.equal((await workshop.json(0, at(4), { environment: environment() })).told, 0)
    assert.equal(hook.received.length, 5)
  })

  it("[NO6] whose webhook refuses are said to be undelivered, and the verb answers", async () => {
    hook.answer(403)
    const reset = ["reset", "npm", "--reason", "r", "--local", "--at", "2026-11-23T07:05:00Z"]
    await workshop.expecting(0, reset)
    const lost = await workshop.json(0, at(5), { environment: environment() })
    assert.deepEqual([lost.told, lost.undelivered, codesIn(lost)], [0, 1, ["not-delivered"]])
    const shown = JSON.stringify(lost)
    assert.ok(!shown.includes(SECRET) && !shown.includes(PATH))
    hook.answer(204)
    assert.equal((await workshop.json(0, at(7), { environment: environment() })).told, 1)
    assert.equal(JSON.parse(hook.received.at(-1)?.body ?? "{}").type, "batchbrake.alert.resolved")
  })

  it("[NO7] with a webhook that cannot be right are refused before anything is looked at, and no secret is shown", async () => {
    const wrong: ReadonlyArray<readonly [Record<string, string>, RegExp]> = [
      [{ BATCHBRAKE_WEBHOOK_SECRET: SECRET, BATCHBRAKE_WEBHOOK_URL: "http://example.com/x" }, /not https/],
      [{ BATCHBRAKE_WEBHOOK_URL: "https://example.com/x" }, /shorter than 16 bytes/]
    ]
    for (const [variables, says] of wrong) {
      const { stderr } = await workshop.expecting(2, at(8), { environment: variables })
      assert.match(stderr, says)
      assert.ok(!stderr.includes(SECRET) && !stderr.includes("example.com"))
    }
    const { stderr } = await workshop.expecting(2, [...at(8), "--webhook-url-env", "PAGER"])
    assert.match(stderr, /--webhook-url-env: PAGER is not set/)
  })

  it("[NO7] take address and secret from the variables that are named", async () => {
    const names = ["--webhook-url-env", "PAGER", "--webhook-secret-env", "PAGER_KEY"]
    const named = { PAGER: hook.url, PAGER_KEY: SECRET }
    assert.equal((await workshop.json(0, [...at(9), ...names], { environment: named })).told, 0)
  })

  it("[AL19] are not looked at in the future, where the look would hide every other one until then", async () => {
    const refused = await workshop.json(2, ["alerts", "--local", "--at", "2126-11-23T07:00:00Z"])
    assert.equal(Object(refused.error).code, "time-refused")
    assert.deepEqual(codesIn(await workshop.json(0, at(9))), [])
  })

  it("[AL4] freeze while the control branch is away; with --exit-code that is no success", async () => {
    const lost = await workshop.json(0, ["alerts", "--remote", "nowhere", "--at", "2026-11-23T07:10:00Z"])
    assert.deepEqual(codesIn(lost), ["control-away"])
    const cask = ["alerts", "--remote", "nowhere", "--at", "2026-11-23T07:11:00Z", "--ecosystem", "cask", "--exit-code"]
    const { stdout } = await workshop.expecting(4, cask)
    assert.match(stdout, /^could not be looked at: breaker-open, flapping, minutes-budget, hand-edit, open-batch\n/)
    assert.ok(!stdout.includes("no alerts"))
  })

  it("[AL21] that nothing could be looked at comes first, and is no absence of alerts", async () => {
    const environment = { BATCHBRAKE_D1_DATABASE: "none" }
    const blind = ["alerts", "--remote", "nowhere", "--at", "2026-11-23T07:12:00Z"]
    const { stdout } = await workshop.expecting(4, [...blind, "--exit-code"], { environment })
    assert.match(stdout, /^nothing could be looked at: nobody knows whether there is trouble/)
    assert.ok(!stdout.includes("no alerts"))
    await workshop.expecting(0, blind, { environment })
  })
})

describe("Alerts that several look at", () => {
  it("[AL17] at once are told once each, by processes on one file", async () => {
    const hook = await listen()
    const workshop = await openWorkshop(["npm"])
    try {
      await workshop.expecting(0, ["init", "--local"])
      const record = ["record", "--local", "--ecosystem", "npm", "--run", "bad", "--passed", "2", "--failed", "58"]
      await workshop.expecting(0, record)
      const environment = { BATCHBRAKE_WEBHOOK_SECRET: SECRET, BATCHBRAKE_WEBHOOK_URL: hook.url }
      const looks = await Promise.all([1, 2, 3, 4].map(() => workshop.json(0, ["alerts", "--local"], { environment })))
      for (const look of looks) assert.equal(keysIn(look).length, 5)
      const told = looks.reduce((sum, look) => sum + Number(look.told), 0)
      assert.deepEqual([told, hook.received.length], [5, 5])
      assert.equal(new Set(hook.received.map(({ id }) => id)).size, 5)
    } finally {
      await hook.close()
      workshop.dispose()
    }
  })
})

describe("Alerts without a place to be kept in", () => {
  it("[AL20] are shown and told to nobody, since they would be told every time", async () => {
    const hook = await listen()
    const workshop = await openWorkshop(["npm"])
    try {
      await workshop.expecting(0, ["init", "--local"])
      workshop.write(".git/batchbrake", "a file, where a directory would have to be")
      const record = ["record", "--local", "--ecosystem", "npm", "--run", "bad", "--passed", "2", "--failed", "58"]
      await workshop.expecting(0, [...record, "--no-metrics"])
      const environment = { BATCHBRAKE_WEBHOOK_SECRET: SECRET, BATCHBRAKE_WEBHOOK_URL: hook.url }
      const look = await workshop.json(0, ["alerts", "--local"], { environment })
      assert.deepEqual([keysIn(look).length, look.told, hook.received.length], [5, 0, 0])
      assert.deepEqual(
        [codesIn(look), look.store],
        [["metrics-away", "alerts-not-kept"], "the runs on the control branch"]
      )
    } finally {
      await hook.close()
      workshop.dispose()
    }
  })
})
