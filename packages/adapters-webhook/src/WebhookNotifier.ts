/**
 * `Notifier` as a signed webhook, for whatever takes one: a chat, a pager, a function of one's own. One POST a change:
 * `{ type: "batchbrake.alert.opened", timestamp, data: { transition, at, alert } }`, signed as Standard Webhooks say.
 */
import { NotDelivered, Notifier } from "@batchbrake/core/port/Notifier"
import type { Change } from "@batchbrake/core/sli/Alert"
import * as AlertJson from "@batchbrake/core/sli/AlertJson"
import { format, SECOND } from "@batchbrake/core/time/Instant"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Missed, post } from "./internal/post.ts"
import { headersOf, keyOf } from "./internal/sign.ts"

export interface WebhookOptions {
  /** Often holds a token, so it is never printed: of it only the host is. */
  readonly url: Redacted.Redacted<string>
  /** `whsec_` and base64, or any text; at least 16 bytes. */
  readonly secret: Redacted.Redacted<string>
  /** All tries of one change together take no longer. */
  readonly totalMillis?: number
  /** One try. */
  readonly timeoutMillis?: number
  /** Before the second try; then twice as long each time, each of them up to a half shorter at random. */
  readonly firstWaitMillis?: number
}

const DEFAULTS = { firstWaitMillis: 500, timeoutMillis: 5000, totalMillis: 15_000 } as const
const TRIES = 5
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

interface Target {
  readonly url: URL
  readonly key: Buffer
}

/** What is wrong with the options, in words that hold neither address nor secret. */
export const check = ({ secret, url }: WebhookOptions): Result.Result<Target, string> => {
  const stated = Redacted.value(url)
  if (!URL.canParse(stated)) return Result.fail("the webhook's address is no URL")
  const target = new URL(stated)
  if (target.protocol !== "https:" && !(target.protocol === "http:" && LOOPBACK.test(target.hostname))) {
    return Result.fail("the webhook's address is not https (http is for this machine alone)")
  }
  if (target.username !== "" || target.password !== "") {
    return Result.fail("the webhook's address has a name or a password in it, which no request can carry")
  }
  const key = keyOf(Redacted.value(secret))
  return key === undefined
    ? Result.fail("the webhook's secret is shorter than 16 bytes, or not base64 behind whsec_")
    : Result.succeed({ key, url: target })
}

const bodyOf = (change: Change): string =>
  JSON.stringify({
    type: `batchbrake.alert.${change.transition}`,
    timestamp: format(change.at),
    data: AlertJson.change(change)
  })

/** Why none of the tries was taken, and whether any of them may have been heard. */
type Given = Pick<Missed, "detail" | "mayBeHeard">

/** Tries, waits, tries again: with the same ID, and a fresh signature of a fresh time. */
const deliver = (options: Required<WebhookOptions>, { key, url }: Target, id: string, body: string) =>
  Effect.gen(function* () {
    let mayBeHeard = false
    for (let tries = 1; ; tries++) {
      const atSeconds = Math.floor((yield* Clock.currentTimeMillis) / SECOND)
      const headers = {
        ...headersOf(key, { atSeconds, body, id }),
        "content-type": "application/json",
        "user-agent": "batchbrake"
      }
      const tried: Result.Result<void, Missed> = yield* Effect.result(post(url, headers, body, options.timeoutMillis))
      if (Result.isSuccess(tried)) return
      const { detail, mayRetry, waitMillis } = tried.failure
      mayBeHeard ||= tried.failure.mayBeHeard
      if (!mayRetry || tries >= TRIES) {
        const given: Given = { detail: mayRetry ? `${detail}, ${TRIES} times` : detail, mayBeHeard }
        return yield* Effect.fail(given)
      }
      const longest = options.firstWaitMillis * 2 ** (tries - 1)
      yield* Effect.sleep(Math.max(longest * (1 - (yield* Random.next) / 2), waitMillis ?? 0))
    }
  }).pipe(
    Effect.timeoutOrElse({
      duration: options.totalMillis,
      orElse: () =>
        Effect.fail<Given>({ detail: `it was not taken within ${options.totalMillis / SECOND} s`, mayBeHeard: true })
    })
  )

/** A notifier whose options have been found right. */
const make = (given: WebhookOptions, target: Target): Notifier["Service"] => {
  const options = { ...DEFAULTS, ...given }
  const name = `the webhook at ${target.url.host}`
  return {
    name,
    tell: (id, change) =>
      deliver(options, target, id, bodyOf(change)).pipe(
        Effect.mapError((given) => new NotDelivered({ ...given, notifier: name }))
      )
  }
}

/** The notifier for options that `check` lets pass; the layer of any others dies. */
export const layer = (options: WebhookOptions): Layer.Layer<Notifier> =>
  Layer.effect(
    Notifier,
    Effect.suspend(() =>
      Result.match(check(options), {
        onFailure: (fault) => Effect.die(new Error(fault)),
        onSuccess: (target) => Effect.succeed(make(options, target))
      })
    )
  )
