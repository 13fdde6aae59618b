import { strict as assert } from "node:assert"
import { createHmac } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as WebhookNotifier from "@batchbrake/adapters-webhook/WebhookNotifier"
import { Notifier } from "@batchbrake/core/port/Notifier"
import type { Change } from "@batchbrake/core/sli/Alert"
import { notifierContract } from "@batchbrake/core/testing/NotifierContract"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { afterEach, describe, it } from "vitest"

const SECRET = "correct horse battery staple"
const TOKEN = "t0ken-in-the-path"

interface Received {
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}
type Answer = (received: ReadonlyArray<Received>, response: ServerResponse) => void

const open: Array<Server> = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const ok: Answer = (_, response) => void response.end()
const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end("no")

/** A server on this machine that answers as it is told, and remembers what it was sent. */
const listen = async (answer: Answer) => {
  const received: Array<Received> = []
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8")
      received.push({ body, headers: request.headers, path: request.url ?? "" })
      answer(received, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  open.push(server)
  const { port } = server.address() as AddressInfo
  return { received, url: `http://127.0.0.1:${port}/${TOKEN}` }
}

const CHANGE: Change = {
  alert: {
    condition: "breaker-open",
    frozenSince: undefined,
    incident: "high",
    message: "npm: the breaker is open",
    openedAt: 1_795_413_600_000,
    severity: "critical",
    subject: "npm",
    updatedAt: 1_795_413_600_000
  },
  at: 1_795_413_600_000,
  transition: "opened"
}

const QUICK = { firstWaitMillis: 1, timeoutMillis: 2000, totalMillis: 5000 }

const options = (url: string, more: Partial<WebhookNotifier.WebhookOptions> = {}) => ({
  ...QUICK,
  secret: Redacted.make(SECRET),
  url: Redacted.make(url),
  ...more
})

const service = (given: WebhookNotifier.WebhookOptions) =>
  Effect.runPromise(Notifier.use(Effect.succeed).pipe(Effect.provide(WebhookNotifier.layer(given))))

const tell = async (url: string, more: Partial<WebhookNotifier.WebhookOptions> = {}) => {
  const notifier = await service(options(url, more))
  return Effect.runPromise(Effect.result(notifier.tell("0123456789abcdef", CHANGE)))
}

const failureOf = (told: Awaited<ReturnType<typeof tell>>): string =>
  Result.isFailure(told) ? told.failure.message : assert.fail("it was delivered")

describe("The webhook (SPEC.md NO)", () => {
  it.each(notifierContract)("keeps the notifier's contract: $name", async ({ run }) => {
    let refuses = false
    const { received, url } = await listen((all, response) => (refuses ? status(400) : ok)(all, response))
    const taken: Array<Received> = []
    const notifier = await service(options(url))
    const world = {
      heard: () =>
        taken.map(({ body, headers }) => ({ change: JSON.parse(body).data, id: String(headers["webhook-id"]) })),
      notifier: {
        ...notifier,
        tell: (id: string, change: Change) =>
          Effect.tap(notifier.tell(id, change), () => Effect.sync(() => taken.push(...received.slice(-1))))
      },
      refuse: (next: boolean) => {
        refuses = next
      }
    }
    await Effect.runPromise(run(world))
  })

  it("[NO1] is signed as Standard Webhooks say: HMAC-SHA-256 over ID, time and body", async () => {
    const { received, url } = await listen(ok)
    assert.ok(Result.isSuccess(await tell(url)))
    const [{ body, headers, path } = assert.fail("nothing was sent")] = received
    const stamp = Number(headers["webhook-timestamp"])
    const digest = createHmac("sha256", SECRET).update(`${headers["webhook-id"]}.${stamp}.${body}`).digest("base64")
    assert.equal(headers["webhook-signature"], `v1,${digest}`)
    assert.equal(headers["webhook-id"], "0123456789abcdef")
    assert.ok(Math.abs(stamp * 1000 - Date.now()) < 60_000)
    assert.deepEqual([headers["content-type"], path], ["application/json", `/${TOKEN}`])
    const { data, timestamp, type } = JSON.parse(body)
    assert.deepEqual([type, timestamp], ["batchbrake.alert.opened", "2026-11-23T06:00:00Z"])
    assert.deepEqual(data, {
      alert: {
        condition: "breaker-open",
        incident_class: "high",
        message: "npm: the breaker is open",
        opened_at: "2026-11-23T06:00:00Z",
        response_minutes: 240,
        severity: "critical",
        subject: "npm",
        updated_at: "2026-11-23T06:00:00Z"
      },
      at: "2026-11-23T06:00:00Z",
      transition: "opened"
    })
  })

  it("[NO1] a secret behind whsec_ is the bytes that it encodes: the example of the standard verifies", async () => {
    const { received, url } = await listen(ok)
    const secret = Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    await tell(url, { secret })
    const [{ body, headers } = assert.fail("nothing was sent")] = received
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64")
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
    assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`)
  })

  it.each([429, 408, 500, 503])("[NO2] is sent again after %i, under the same ID", async (code) => {
    const { received, url } = await listen((all, response) => (all.length < 3 ? status(code) : ok)(all, response))
    assert.ok(Result.isSuccess(await tell(url)))
    assert.equal(received.length, 3)
    assert.equal(new Set(received.map(({ headers }) => headers["webhook-id"])).size, 1)
    assert.equal(new Set(received.map(({ body }) => body)).size, 1)
  })

  it("[NO2] is sent again when the connection breaks, and given up after five tries", async () => {
    const { received, url } = await listen((_, response) => void response.destroy())
    assert.match(failureOf(await tell(url)), /, 5 times$/)
    assert.equal(received.length, 5)
  })

  it.each([400, 401, 403, 404, 410])("[NO2] is not sent again after %i, which no repetition changes", async (code) => {
    const { received, url } = await listen(status(code))
    assert.match(failureOf(await tell(url)), new RegExp(`it answers ${code}$`))
    assert.equal(received.length, 1)
  })

  it("[NO2] waits as long as it is asked to, within its time", async () => {
    const { received, url } = await listen(status(429, { "retry-after": "3600" }))
    assert.match(failureOf(await tell(url, { totalMillis: 100 })), /not taken within 0\.1 s$/)
    assert.equal(received.length, 1)
  })

  it.each([301, 302, 307, 308])("[NO3] does not follow a redirect (%i): nobody else gets to see it", async (code) => {
    const other = await listen(ok)
    const { received, url } = await listen(status(code, { location: other.url }))
    assert.match(failureOf(await tell(url)), /a redirect, which is not followed/)
    assert.deepEqual([received.length, other.received.length], [1, 0])
  })

  const mayBeHeard = (told: Awaited<ReturnType<typeof tell>>): boolean =>
    Result.isFailure(told) ? told.failure.mayBeHeard : assert.fail("it was delivered")

  it.each<[string, Answer, boolean]>([
    ["a refusal", status(400), false],
    ["being asked to slow down", status(429), false],
    ["a redirect", status(302), false],
    ["an error of its own", status(503), true],
    ["that it took too long", status(408), true],
    [
      "an error at first and then a refusal",
      (all, response) => status(all.length > 1 ? 403 : 500)(all, response),
      true
    ],
    ["half an answer", (_, response) => void response.destroy(), true],
    ["nothing in time", () => undefined, true]
  ])("[NO8] after %s it says whether the body may have been heard", async (_, answer, expected) => {
    const { url } = await listen(answer)
    assert.equal(mayBeHeard(await tell(url, { timeoutMillis: 200 })), expected)
  })

  it("[NO8] where nobody is at the door nobody heard", async () => {
    const { url } = await listen(ok)
    const [server] = open.splice(0)
    await new Promise((resolve) => server?.close(resolve))
    const told = await tell(url)
    assert.deepEqual([failureOf(told).includes("ECONNREFUSED"), mayBeHeard(told)], [true, false])
  })

  it("[NO4] gives up in time on a receiver that never answers, and on one whose answer never ends", async () => {
    const { url } = await listen(() => undefined)
    assert.match(
      failureOf(await tell(url, { timeoutMillis: 30, totalMillis: 5000 })),
      /no answer within 0\.03 s, 5 times/
    )
    assert.match(failureOf(await tell(url, { timeoutMillis: 2000, totalMillis: 60 })), /not taken within 0\.06 s/)
    const endless = await listen((_, response) => void response.writeHead(200).write("and so on"))
    assert.ok(Result.isSuccess(await tell(endless.url)))
  })

  it("[NO5] no message holds the secret, the address's path, or what the receiver said", async () => {
    const answers: ReadonlyArray<Answer> = [
      status(500),
      status(404),
      status(302, { location: "/" }),
      (_, response) => void response.destroy()
    ]
    for (const answer of answers) {
      const { url } = await listen(answer)
      const told = await tell(url)
      const message = `${failureOf(told)} ${JSON.stringify(told)}`
      assert.ok(!message.includes(SECRET) && !message.includes(TOKEN) && !message.includes('"no"'), message)
    }
    const unreachable = failureOf(await tell(`http://127.0.0.1:1/${TOKEN}`))
    assert.match(unreachable, /^the webhook at 127\.0\.0\.1:1 did not take it: /)
    assert.ok(!unreachable.includes(TOKEN))
  })

  it.each([
    ["http://alerts.example.com/x", SECRET, /not https/],
    ["ftp://127.0.0.1/x", SECRET, /not https/],
    ["http://127.0.0.1.example.com/x", SECRET, /not https/],
    ["nonsense", SECRET, /no URL/],
    ["https://user:pass@alerts.example.com/", SECRET, /a name or a password/],
    ["https://alerts.example.com/", "", /shorter than 16 bytes/],
    ["https://alerts.example.com/", "fifteen bytes..", /shorter than 16 bytes/],
    ["https://alerts.example.com/", "whsec_not base64!", /not base64/]
  ])("[NO7] refuses the address %j with the secret %j, before anything is sent", (url, secret, says) => {
    const checked = WebhookNotifier.check(options(url, { secret: Redacted.make(secret) }))
    assert.ok(Result.isFailure(checked))
    assert.match(checked.failure, says)
    assert.ok(!checked.failure.includes("example.com") && (secret === "" || !checked.failure.includes(secret)))
  })

  it.each(["https://alerts.example.com/x", "http://127.0.0.1:8080/", "http://localhost/x", "http://[::1]:9/"])(
    "[NO7] takes the address %j",
    (url) => {
      assert.ok(Result.isSuccess(WebhookNotifier.check(options(url))))
      assert.ok(Result.isSuccess(WebhookNotifier.check(options(url, { secret: Redacted.make("sixteen bytes...") }))))
    }
  )
})
