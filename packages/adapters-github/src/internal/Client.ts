/** One repository's door: every request goes through here, bounded in time and number, and comes back decoded. */
import { Octokit } from "@octokit/core"
import { retry } from "@octokit/plugin-retry"
import { throttling } from "@octokit/plugin-throttling"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { API, type GitHubRepository, nameOf, PACE, type Pace } from "../GitHubRepository.ts"
import { classify, type ForgeFailure, type Place, refused, unavailable } from "./classify.ts"
import type { Operation } from "./Operation.ts"

type Parameters = Readonly<Record<string, unknown>>

/** One request: a route as GitHub's reference writes it, `GET /repos/{owner}/{repo}/pulls`. */
export interface Request<A> {
  readonly route: string
  readonly parameters: Parameters
  readonly answer: Schema.Codec<A, unknown>
  /** Whether a second one, after an answer that was lost, does no harm. */
  readonly isRepeatable: boolean
}

export interface Client {
  readonly name: string
  readonly send: <A>(operation: Operation, request: Request<A>) => Effect.Effect<A, ForgeFailure>
  /** Every page of a list that is asked for by GET, up to a bound beyond which it is refused rather than cut short. */
  readonly pages: <A>(
    operation: Operation,
    request: Omit<Request<ReadonlyArray<A>>, "isRepeatable">
  ) => Effect.Effect<ReadonlyArray<A>, ForgeFailure>
  readonly query: <A>(
    operation: Operation,
    document: string,
    variables: Parameters,
    answer: Schema.Codec<A, unknown>
  ) => Effect.Effect<A, ForgeFailure>
  /** Refuses without asking. */
  readonly refuse: (operation: Operation, detail: string) => Effect.Effect<never, ForgeFailure>
  /** Bounds a whole operation in time. */
  readonly bounded: <A>(operation: Operation, effect: Effect.Effect<A, ForgeFailure>) => Effect.Effect<A, ForgeFailure>
}

const PAGE = 100
const MOST_PAGES = 50

/** Answers that stay what they are. A 429 among them: what a limit holds back is the throttling's to repeat. */
const FINAL = [400, 401, 403, 404, 405, 409, 410, 422, 429, 451]

/** A number on a request overrides {@link FINAL} too, so that only this one is ever given. */
const ONCE = { retries: 0 }

const REDIRECTS = [301, 302, 303, 307, 308]
const MOST_REDIRECTS = 3

/**
 * Follows a redirect within one origin, where it asks the same once more: so a renamed repository answers. One that leads
 * elsewhere is answered as it is: nothing is sent there, and nothing that is said there is believed.
 */
const fetchWithin = async (address: string, init: RequestInit, left = MOST_REDIRECTS): Promise<Response> => {
  const response = await fetch(address, { ...init, redirect: "manual" })
  const location = response.headers.get("location") ?? ""
  const isSame = (init.method ?? "GET") === "GET" || response.status === 307 || response.status === 308
  if (!REDIRECTS.includes(response.status) || !URL.canParse(location, address) || !isSame || left === 0) return response
  const next = new URL(location, address)
  if (next.origin !== new URL(address).origin) return response
  await response.body?.cancel()
  return fetchWithin(next.href, init, left - 1)
}

const silent = { debug: () => {}, error: () => {}, info: () => {}, warn: () => {} }

/** A group of the throttling plugin that lets everything through at once. */
const unspaced = {
  key: () => ({
    schedule: (
      _options: unknown,
      task: (...given: ReadonlyArray<unknown>) => unknown,
      ...given: ReadonlyArray<unknown>
    ) => task(...given)
  })
}

const makeOctokit = ({ baseUrl = API, token }: GitHubRepository, pace: Pace): Octokit => {
  const waits = (after: number, _options: object, _octokit: Octokit, count: number): boolean =>
    count === 0 && after <= pace.limitSeconds
  const spacing: object = pace.isSpaced ? {} : { global: unspaced, notifications: unspaced, write: unspaced }
  const Plugged = Octokit.plugin(retry, throttling)
  return new Plugged({
    auth: Redacted.value(token),
    baseUrl: baseUrl.replace(/\/+$/, ""),
    log: silent,
    request: {
      fetch: (address: string, init: RequestInit) => {
        const timeout = AbortSignal.timeout(pace.requestMillis)
        const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout])
        return fetchWithin(address, { ...init, signal })
      }
    },
    retry: { doNotRetry: FINAL, retries: pace.retries, retryAfterBaseValue: pace.retryMillis },
    throttle: Object.assign({ onRateLimit: waits, onSecondaryRateLimit: waits }, spacing),
    userAgent: "batchbrake"
  })
}

/** Opens nothing yet: the first request does. */
export const makeClient = (repository: GitHubRepository): Client => {
  const pace: Pace = { ...PACE, ...repository.pace }
  const octokit = makeOctokit(repository, pace)
  const secret = Redacted.value(repository.token)
  const name = nameOf(repository)
  const place = (operation: Operation, now: number): Place => ({
    forge: name,
    now,
    operation,
    withoutToken: (text) => (secret === "" ? text : text.replaceAll(secret, "***"))
  })
  const asked = <A>(operation: Operation, ask: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, ForgeFailure> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.tryPromise({ catch: (error) => classify(place(operation, now), error), try: ask })
    )
  const decoded = <A>(operation: Operation, answer: Schema.Codec<A, unknown>, value: unknown) =>
    Schema.decodeUnknownEffect(answer)(value).pipe(
      Effect.mapError(({ message }) =>
        refused(place(operation, 0), "unexpected", `its answer is another one: ${message}`)
      )
    )
  const raw = (operation: Operation, { isRepeatable, parameters, route }: Omit<Request<unknown>, "answer">) =>
    asked(operation, (signal) =>
      octokit.request(route, {
        owner: repository.owner,
        repo: repository.repository,
        ...parameters,
        request: { ...(isRepeatable ? {} : ONCE), signal }
      })
    ).pipe(
      Effect.flatMap((answer) =>
        REDIRECTS.some((status) => status === answer.status)
          ? Effect.fail(refused(place(operation, 0), "unexpected", "it leads to another address, where no token goes"))
          : Effect.succeed(answer)
      )
    )
  const bounded: Client["bounded"] = (operation, effect) =>
    Effect.timeoutOrElse(effect, {
      duration: pace.operationMillis,
      orElse: () => Effect.fail(unavailable(place(operation, 0), `no answer within ${pace.operationMillis / 1000} s`))
    })
  return {
    bounded,
    name,
    pages: Effect.fn("GitHub.pages")(function* (operation, { answer, parameters, route }) {
      const found = []
      for (let page = 1; page <= MOST_PAGES; page++) {
        const asking = { isRepeatable: true, parameters: { ...parameters, page, per_page: PAGE }, route }
        const { data, headers } = yield* raw(operation, asking)
        found.push(...(yield* decoded(operation, answer, data)))
        if (!/rel="?next/.test(headers.link ?? "")) return found
      }
      return yield* refused(place(operation, 0), "invalid", `there are more than ${MOST_PAGES * PAGE}`)
    }),
    query: (operation, document, variables, answer) =>
      asked(operation, (signal) =>
        octokit.graphql<unknown>(document, {
          ...variables,
          request: { ...(operation.writes ? ONCE : {}), signal }
        })
      ).pipe(Effect.flatMap((data) => decoded(operation, answer, data))),
    refuse: (operation, detail) => Effect.fail(refused(place(operation, 0), "invalid", detail)),
    send: (operation, request) =>
      Effect.flatMap(raw(operation, request), ({ data }) => decoded(operation, request.answer, data))
  }
}
