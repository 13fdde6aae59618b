/** One identity as a line of its day's file: `[identity, instant, payload, nonce]`, and of a claim its generation and its limit. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeWith, parseText } from "../json/Fault.ts"
import { Count, Positive } from "../json/Field.ts"
import type { EpochMillis } from "../time/Instant.ts"

interface Line {
  readonly identity: string
  readonly scope: string
  readonly at: EpochMillis
  readonly payload: string
  readonly nonce: string
  readonly generation: number | undefined
  readonly limit?: number
}

const Shape = Schema.Union([
  Schema.Tuple([Schema.String, Schema.Int, Schema.String, Schema.String]),
  Schema.Tuple([Schema.String, Schema.Int, Schema.String, Schema.String, Count]),
  Schema.Tuple([Schema.String, Schema.Int, Schema.String, Schema.String, Count, Positive])
])
const decode = decodeWith(Shape, "closed")

export const print = ({ at, generation, identity, limit, nonce, payload }: Line): string => {
  const ofClaim = generation === undefined ? [] : limit === undefined ? [generation] : [generation, limit]
  return JSON.stringify([identity, at, payload, nonce, ...ofClaim])
}

/** `undefined` for a line that is not one. */
export const parse = (scope: string, line: string): Line | undefined =>
  Result.match(Result.flatMap(parseText(line), decode), {
    onFailure: () => undefined,
    onSuccess: ([identity, at, payload, nonce, generation, limit]) => ({
      at,
      generation,
      identity,
      ...(limit === undefined ? {} : { limit }),
      nonce,
      payload,
      scope
    })
  })
