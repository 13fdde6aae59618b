/** Older names of adopted batches, `manifests/aliases.json`: each with the IDs that have it, in order. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import * as BatchId from "./BatchId.ts"
import { ROOT } from "./Manifest.ts"

export const PATH = `${ROOT}/aliases.json`

/** Alias -> IDs, oldest first. */
export type Aliases = ReadonlyMap<string, ReadonlyArray<string>>

const Shape = Schema.Array(Schema.Tuple([Schema.NonEmptyString, Schema.NonEmptyArray(Schema.String)]))
const decode = decodeWith(Shape, "closed")

/** No file: no aliases. */
export const parse = (text: string | undefined): Result.Result<Aliases, ReadonlyArray<Fault>> =>
  text === undefined
    ? Result.succeed(new Map())
    : Result.map(Result.flatMap(parseText(text), decode), (pairs) => new Map(pairs))

/** One line an alias, in their order, so that additions are small changes. Pairs, since a name can be any text. */
export const encode = (aliases: Aliases): string => {
  const lines = [...aliases]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map((pair) => `  ${JSON.stringify(pair)}`)
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`
}

/** With one more batch under some names. */
export const add = (aliases: Aliases, names: ReadonlyArray<string>, id: string): Aliases => {
  const next = new Map(aliases)
  for (const name of names) next.set(name, [...new Set([...(next.get(name) ?? []), id])].sort(BatchId.byAge))
  return next
}
