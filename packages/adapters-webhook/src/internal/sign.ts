/**
 * Signatures as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com): HMAC-SHA-256 over `ID.TIMESTAMP.BODY`,
 * base64, after `v1,`. Receivers verify with any library of that standard, and refuse timestamps that are minutes old.
 */
import { createHmac } from "node:crypto"

const PREFIX = "whsec_"
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const FEWEST_BYTES = 16

/** The key of a secret: the bytes behind `whsec_`, in base64, or the text itself. `undefined`: too short to be one. */
export const keyOf = (secret: string): Buffer | undefined => {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined
  if (encoded !== undefined && !BASE64.test(encoded)) return undefined
  const key = encoded === undefined ? Buffer.from(secret, "utf8") : Buffer.from(encoded, "base64")
  return key.length < FEWEST_BYTES ? undefined : key
}

/** The three headers of one delivery. `atSeconds`: when it is sent, whole seconds since 1970. */
export const headersOf = (
  key: Buffer,
  message: { readonly id: string; readonly atSeconds: number; readonly body: string }
): Readonly<Record<string, string>> => {
  const { atSeconds, body, id } = message
  const digest = createHmac("sha256", key).update(`${id}.${atSeconds}.${body}`).digest("base64")
  return { "webhook-id": id, "webhook-signature": `v1,${digest}`, "webhook-timestamp": String(atSeconds) }
}
