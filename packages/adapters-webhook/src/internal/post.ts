/** One try at a delivery, and what its outcome means. */
import * as Effect from "effect/Effect"

/** Why a try failed: whether another one may help, whether it may have been heard, and how long to wait. */
export interface Missed {
  readonly detail: string
  readonly mayRetry: boolean
  /** Not after a refusal, nor where no connection came about: everything else may be the answer to a body that was taken. */
  readonly mayBeHeard: boolean
  readonly waitMillis: number | undefined
}

type Ways = Pick<Missed, "mayBeHeard" | "mayRetry">

const missed = (detail: string, { mayBeHeard, mayRetry }: Ways, waitMillis?: number): Missed => ({
  detail,
  mayBeHeard,
  mayRetry,
  waitMillis
})

const TOO_MANY = 429
const TIMED_OUT = 408

/** `Retry-After` in seconds; a date is not looked at, since it needs no exact answer. */
const askedWait = (response: Response): number | undefined => {
  const stated = response.headers.get("retry-after") ?? ""
  return /^\d{1,5}$/.test(stated) ? Number(stated) * 1000 : undefined
}

const judge = (response: Response): Effect.Effect<void, Missed> => {
  const { status } = response
  if (status >= 200 && status < 300) return Effect.void
  if (status >= 300 && status < 400) {
    return Effect.fail(
      missed(`it answers ${status}, a redirect, which is not followed`, { mayBeHeard: false, mayRetry: false })
    )
  }
  const mayRetry = status === TOO_MANY || status === TIMED_OUT || status >= 500
  // Whoever says that it took too long may stand in front of one that did hear.
  const mayBeHeard = status === TIMED_OUT || status >= 500
  return Effect.fail(missed(`it answers ${status}`, { mayBeHeard, mayRetry }, askedWait(response)))
}

/** Before any connection: no name, no way there, nobody at the door. */
const UNSENT: ReadonlyArray<string> = [
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT"
]

const unanswered = (cause: unknown): Missed => {
  const reason = reasonOf(cause)
  return missed(reason, { mayBeHeard: !UNSENT.includes(reason), mayRetry: true })
}

/** What the network says, without the address, which may hold a token. */
const reasonOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error && "code" in inner ? String(inner.code) : "it cannot be reached"
}

/** Sends a body. Redirects are not followed: a signed message goes to whom it is meant for, and nobody else. */
export const post = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMillis: number
): Effect.Effect<void, Missed> =>
  Effect.tryPromise({
    catch: unanswered,
    try: async (signal) => {
      const response = await fetch(url, { body, headers, method: "POST", redirect: "manual", signal })
      // Whatever it says beyond its status is nothing to us, and may be endless.
      await response.body?.cancel()
      return response
    }
  }).pipe(
    Effect.timeoutOrElse({
      duration: timeoutMillis,
      orElse: () =>
        Effect.fail(missed(`no answer within ${timeoutMillis / 1000} s`, { mayBeHeard: true, mayRetry: true }))
    }),
    Effect.flatMap(judge)
  )
