/** One identity as a line of its day's file: `[identity, instant, payload, nonce]`, and the generation of a claim. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeWith, parseText } from "../json/Fault.ts"
import { Count } from "../json/Field.ts"
import type { EpochMillis } from "../time/Instant.ts"

interface Line {
  readonly identity: string
  readonly scope: string
  readonly at: EpochMillis
  readonly payload: string
  readonly nonce: string
  readonly generation: number | undefined
}

const Shape = Schema.Union([
  Schema.Tuple([Schema.String, Schema.Int, Schema.String, Schema.String]),
  Schema.Tuple([Schema.String, Schema.Int, Schema.String, Schema.String, Count])
])
const decode = decodeWith(Shape, "closed")

export const print = ({ at, generation, identity, nonce, payload }: Line): string =>
  JSON.stringify(generation === undefined ? [identity, at, payload, nonce] : [identity, at, payload, nonce, generation])

/** `undefined` for a line that is not one. */
export const parse = (scope: string, line: string): Line | undefined =>
  Result.match(Result.flatMap(parseText(line), decode), {
    onFailure: () => undefined,
    onSuccess: ([identity, at, payload, nonce, generation]) => ({ at, generation, identity, nonce, payload, scope })
  })
