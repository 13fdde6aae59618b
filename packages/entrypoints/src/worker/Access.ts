/** Who may do what: bearer tokens, two live at once for each scope, none of them good for the other. */
import type { Environment } from "./Environment.ts"

export type Scope = "write" | "read"

/** Shorter ones can be guessed, and open nothing: 128 bits are 32 hexadecimal digits or 22 letters of base64. */
const LEAST_LENGTH = 22
const LONGEST = 512

const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))

/** Whether two digests are the same, in a time that does not depend on where they differ. */
const isSame = (left: Uint8Array, right: Uint8Array): boolean => {
  let difference = left.length ^ right.length
  for (const [place, byte] of left.entries()) difference |= byte ^ (right[place] ?? 0)
  return difference === 0
}

const tokensOf = (environment: Environment): ReadonlyArray<readonly [Scope, string]> =>
  (
    [
      ["write", environment.WRITE_TOKEN],
      ["write", environment.WRITE_TOKEN_NEXT],
      ["read", environment.READ_TOKEN],
      ["read", environment.READ_TOKEN_NEXT]
    ] as const
  ).flatMap(([scope, token]) => (token !== undefined && token.length >= LEAST_LENGTH ? [[scope, token] as const] : []))

const presentedBy = (request: Request): string | undefined => {
  const header = request.headers.get("authorization") ?? ""
  return header.length > LONGEST ? undefined : /^Bearer ([!-~]+)$/i.exec(header)?.[1]
}

/**
 * What the token of a request opens; nothing for none, a malformed and an unknown one. Every token is compared, as
 * digests of one length, so that neither its length nor its beginning can be measured.
 */
export const scopesOf = async (request: Request, environment: Environment): Promise<ReadonlySet<Scope>> => {
  const presented = presentedBy(request)
  const scopes = new Set<Scope>()
  if (presented === undefined) return scopes
  const own = await digest(presented)
  for (const [scope, token] of tokensOf(environment)) if (isSame(own, await digest(token))) scopes.add(scope)
  return scopes
}
