/** A repository on GitHub, or on a server of one's own, and how patient one is with it. */
import type * as Redacted from "effect/Redacted"

export interface GitHubRepository {
  readonly owner: string
  readonly repository: string
  /**
   * A token with the least that the operations in use need: the README has the table. Only ever sent to `baseUrl`, and
   * never part of an error or a log.
   */
  readonly token: Redacted.Redacted
  /** Where the API is: `https://api.github.com` unless said otherwise, `https://HOST/api/v3` on a server of one's own. */
  readonly baseUrl?: string
  readonly pace?: Partial<Pace>
}

/** How long is waited for what. */
export interface Pace {
  /** For one answer. */
  readonly requestMillis: number
  /** For one operation with all its requests and repetitions. */
  readonly operationMillis: number
  /** How often a request that may be repeated is repeated after an answer of 5xx, or none. */
  readonly retries: number
  /** Before the first repetition; four times that before the second. */
  readonly retryMillis: number
  /** A limit is waited for, once, if it ends within this. */
  readonly limitSeconds: number
  /** Whether writes keep the distance of a second, and those that notify people of three, as GitHub asks for. */
  readonly isSpaced: boolean
}

export const PACE: Pace = {
  isSpaced: true,
  limitSeconds: 10,
  operationMillis: 90_000,
  requestMillis: 20_000,
  retries: 2,
  retryMillis: 1_000
}

export const API = "https://api.github.com"

/** For people: `owner/repository on github.com`. */
export const nameOf = ({ baseUrl = API, owner, repository }: GitHubRepository): string => {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl
  return `${owner}/${repository} on ${host === "api.github.com" ? "github.com" : host}`
}
