/**
 * The Worker: takes runs in, serves figures, and forgets old runs once a day. Metrics are advisory: whoever writes here
 * can spoil a report, and can neither stop nor start anything.
 */
import * as D1BindingMetricsStore from "@batchbrake/adapters-d1/D1BindingMetricsStore"
import {
  type MetricsRefused,
  MetricsStore,
  type MetricsUnavailable,
  type RunUnusable
} from "@batchbrake/core/port/MetricsStore"
import { DAY } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { type Scope, scopesOf } from "./Access.ts"
import type { Environment } from "./Environment.ts"
import { refusal } from "./Reply.ts"
import { getHealth, getRuns, getSli, postRun } from "./routes.ts"

type Failure = RunUnusable | MetricsUnavailable | MetricsRefused
type Answer = (request: Request, url: URL, environment: Environment) => Effect.Effect<Response, Failure, MetricsStore>

interface Route {
  readonly method: "GET" | "POST"
  /** Whose token opens it; nobody's is needed where none is named. */
  readonly scope: Scope | undefined
  readonly answer: Answer
}

const ROUTES: Readonly<Record<string, ReadonlyArray<Route>>> = {
  "/healthz": [{ answer: () => getHealth(), method: "GET", scope: undefined }],
  "/v1/runs": [
    { answer: (request) => postRun(request, Date.now()), method: "POST", scope: "write" },
    { answer: (_, url) => getRuns(url.searchParams), method: "GET", scope: "read" }
  ],
  "/v1/sli": [
    { answer: (_, url, environment) => getSli(url.searchParams, environment, Date.now()), method: "GET", scope: "read" }
  ]
}

const away = (failure: Failure): Response => {
  if (failure._tag === "RunUnusable") return refusal(400, "invalid", failure.message)
  // What the database says may quote what others have stored, so it goes to the log and not to the caller.
  console.error(failure.message)
  return refusal(503, "metrics-unavailable", "the database does not answer", { "retry-after": "5" })
}

const run = (answer: Effect.Effect<Response, Failure, MetricsStore>, { METRICS }: Environment): Promise<Response> =>
  Effect.runPromise(
    answer.pipe(
      Effect.provide(D1BindingMetricsStore.layer(METRICS)),
      Effect.catch((failure) => Effect.succeed(away(failure))),
      Effect.catchDefect((defect) =>
        Effect.sync(() => {
          console.error(defect)
          return refusal(500, "internal", "a fault of the Worker's own")
        })
      )
    )
  )

const fetch = async (request: Request, environment: Environment): Promise<Response> => {
  const url = new URL(request.url)
  const routes = Object.hasOwn(ROUTES, url.pathname) ? ROUTES[url.pathname] : undefined
  if (routes === undefined) return refusal(404, "not-found", "there is no such address")
  const route = routes.find(({ method }) => method === request.method)
  const allow = routes.map(({ method }) => method).join(", ")
  if (route === undefined) return refusal(405, "method", `expected ${allow}`, { allow })
  if (route.scope !== undefined) {
    const scopes = await scopesOf(request, environment)
    if (scopes.size === 0)
      return refusal(401, "unauthorized", "expected authorization: Bearer TOKEN", { "www-authenticate": "Bearer" })
    if (!scopes.has(route.scope)) return refusal(403, "forbidden", `this token does not open: ${route.scope}`)
  }
  return run(route.answer(request, url, environment), environment)
}

const LEAST_DAYS = 90

/** The days that runs are kept: what is set, and never less than the least. */
const retentionOf = ({ RETENTION_DAYS = "" }: Environment): number =>
  /^\d{1,5}$/.test(RETENTION_DAYS) ? Math.max(LEAST_DAYS, Number(RETENTION_DAYS)) : LEAST_DAYS

const scheduled = async (_: unknown, environment: Environment): Promise<void> => {
  const before = Date.now() - retentionOf(environment) * DAY
  const removed = await Effect.runPromise(
    MetricsStore.use((store) => store.prune(before)).pipe(
      Effect.provide(D1BindingMetricsStore.layer(environment.METRICS))
    )
  )
  console.log(`${removed} runs removed`)
}

/**
 * What workerd calls; a build makes it the default export.
 *
 * @public
 */
export const worker = { fetch, scheduled }
