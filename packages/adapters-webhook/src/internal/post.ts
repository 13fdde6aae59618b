/** One try at a delivery, and what its outcome means. */
import * as Effect from "effect/Effect"

/** Why a try failed: whether another one may help, and how long the other side asks to wait. */
export interface Missed {
  readonly detail: string
  readonly mayRetry: boolean
  readonly waitMillis: number | undefined
}

const missed = (detail: string, mayRetry: boolean, waitMillis?: number): Missed => ({ detail, mayRetry, waitMillis })

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
    return Effect.fail(missed(`it answers ${status}, a redirect, which is not followed`, false))
  }
  const mayRetry = status === TOO_MANY || status === TIMED_OUT || status >= 500
  return Effect.fail(missed(`it answers ${status}`, mayRetry, askedWait(response)))
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
    catch: (cause) => missed(reasonOf(cause), true),
    try: async (signal) => {
      const response = await fetch(url, { body, headers, method: "POST", redirect: "manual", signal })
      // Whatever it says beyond its status is nothing to us, and may be endless.
      await response.body?.cancel()
      return response
    }
  }).pipe(
    Effect.timeoutOrElse({
      duration: timeoutMillis,
      orElse: () => Effect.fail(missed(`no answer within ${timeoutMillis / 1000} s`, true))
    }),
    Effect.flatMap(judge)
  )
