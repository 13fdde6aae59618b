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

const NAME = /^[A-Za-z0-9._-]{1,100}$/
const SCP = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(.+)$/

/** A repository by its owner and name. */
export interface Named {
  readonly owner: string
  readonly repository: string
}

/** `owner/repository`, and nothing that would lead elsewhere in an address. */
export const parseName = (text: string): Named | undefined => {
  const [owner = "", repository = "", ...rest] = text.split("/")
  const isName = (part: string): boolean => NAME.test(part) && part !== "." && part !== ".."
  return rest.length === 0 && isName(owner) && isName(repository) ? { owner, repository } : undefined
}

/**
 * What the address of a git remote names: `https://HOST/OWNER/NAME.git`, `ssh://git@HOST:PORT/OWNER/NAME`,
 * `git@HOST:OWNER/NAME.git`. `undefined` for a path and for whatever else is no repository on a host.
 */
export const parseAddress = (address: string): (Named & { readonly host: string }) | undefined => {
  const scp = address.includes("://") ? null : SCP.exec(address)
  const url = scp === null && URL.canParse(address) ? new URL(address) : undefined
  const isRemote = url !== undefined && /^(?:https?|ssh|git):$/.test(url.protocol)
  const [host, path] = scp !== null ? [scp[1], scp[2]] : isRemote ? [url.hostname, url.pathname] : []
  const named = parseName((path ?? "").replace(/^\/+|\/+$/g, "").replace(/\.git$/, ""))
  return host === undefined || host === "" || named === undefined ? undefined : { ...named, host: host.toLowerCase() }
}

/**
 * Where the API of a host is, for the public one alone: that of any other must be named, since the address of a remote
 * is no reason to send a token there.
 */
export const apiOf = (host: string): string | undefined =>
  host === "github.com" || host === "ssh.github.com" ? API : undefined

/** Whether an address is on this very machine. */
export const isHere = (baseUrl: string): boolean => {
  if (!URL.canParse(baseUrl)) return false
  const { hostname } = new URL(baseUrl)
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/** Whether a token may be sent to an address: over TLS, or on this very machine. */
export const isTrusted = (baseUrl: string): boolean => {
  if (!URL.canParse(baseUrl)) return false
  const { password, protocol, username } = new URL(baseUrl)
  return username === "" && password === "" && (protocol === "https:" || (protocol === "http:" && isHere(baseUrl)))
}
