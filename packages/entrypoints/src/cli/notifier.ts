/** Where alerts are told: a webhook, if the environment names one. */
import * as WebhookNotifier from "@batchbrake/adapters-webhook/WebhookNotifier"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Given, refuse } from "./Given.ts"
import type { World } from "./World.ts"

const DEFAULTS = { secret: "BATCHBRAKE_WEBHOOK_SECRET", url: "BATCHBRAKE_WEBHOOK_URL" } as const

/**
 * The layer of the notifier; none where no address is set. Address and secret come from the environment alone: a command
 * line is in every process list and log.
 */
export const notifierOf = Effect.fn("notifierOf")(function* (given: Given, world: World) {
  const names = {
    secret: given.text("webhook-secret-env") ?? DEFAULTS.secret,
    url: given.text("webhook-url-env") ?? DEFAULTS.url
  }
  const [url = "", secret = ""] = [world.environment[names.url], world.environment[names.secret]]
  if (url === "") {
    // Named on the command line and not there: somebody believes that they are told.
    if (given.text("webhook-url-env") !== undefined) return yield* refuse(`--webhook-url-env: ${names.url} is not set`)
    return undefined
  }
  const options = { secret: Redacted.make(secret), url: Redacted.make(url) }
  const checked = WebhookNotifier.check(options)
  if (Result.isFailure(checked)) return yield* refuse(`${names.url}, ${names.secret}: ${checked.failure}`)
  return WebhookNotifier.layer(options)
})
