/** A control file in a few lines: what is in it that is not in a fresh one. */
import * as Result from "effect/Result"
import * as BreakerState from "../breaker/BreakerState.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import * as ControlFile from "../control/ControlFile.ts"
import { plainLine } from "../control/plainLine.ts"
import { parseText } from "../json/Fault.ts"
import { isObject, type Json, type JsonObject } from "../json/Json.ts"
import { pathOf } from "../json/StrictJson.ts"

const jsonOf = (file: ControlFile.ControlFile): JsonObject =>
  Result.match(parseText(ControlCodec.encode(file)), {
    onFailure: () => ({}),
    onSuccess: (read) => (isObject(read) ? read : {})
  })

const within = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

const BREAKERS = "circuit_breaker"
const FRESH = jsonOf(ControlFile.initial)
/** A breaker that nothing has happened to, as a file has it. */
const UNTOUCHED = within(
  within(jsonOf(ControlFile.withBreaker(ControlFile.initial, "a", BreakerState.initial)), BREAKERS),
  "a"
)

/** What of a value is not as usual; `undefined` where everything is. */
const unusual = (found: Json, usual: Json | undefined): Json | undefined => {
  if (!isObject(found) || !isObject(usual)) return JSON.stringify(found) === JSON.stringify(usual) ? undefined : found
  const entries = Object.entries(found).flatMap(([key, value]) => {
    const rest = unusual(value, within(usual, key))
    return rest === undefined ? [] : [[key, rest] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** One line for a breaker, a pause, a figure of the budget, a field of the file. */
const entriesOf = (key: string, value: Json): ReadonlyArray<readonly [string, Json, Json | undefined]> =>
  isObject(value) && Object.keys(value).length > 0
    ? Object.entries(value).map(([name, each]) => [
        pathOf(key, name),
        each,
        key === BREAKERS ? UNTOUCHED : within(within(FRESH, key), name)
      ])
    : [[key, value, within(FRESH, key)]]

const MOST_LINES = 8
const SHOWN_LENGTH = 240

/** At most nine lines, none longer than a few hundred characters. */
export const tellFile = (file: ControlFile.ControlFile): ReadonlyArray<string> => {
  const lines = Object.entries(jsonOf(file)).flatMap(([key, value]) =>
    entriesOf(key, value).flatMap(([name, each, usual]) => {
      const rest = unusual(each, usual)
      if (rest === undefined) return []
      const text = JSON.stringify(rest)
      return [plainLine(`${name}: ${text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text}`)]
    })
  )
  const more = lines.length - MOST_LINES
  return more <= 0 ? lines : [...lines.slice(0, MOST_LINES), `and ${more} more`]
}
