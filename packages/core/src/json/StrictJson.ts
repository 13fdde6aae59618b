import * as Result from "effect/Result"
import type { Json } from "./Json.ts"

/** Why a text is not one JSON value: `path` is a key named twice in one object, or the root. */
export interface JsonFault {
  readonly path: string
  readonly message: string
}

interface Frame {
  readonly path: string
  readonly keys: Set<string> | undefined
  key: string
  index: number
}

/** Far more than any file of ours, and few enough for everything that walks a value by recursion. */
const DEEPEST = 200

const NUMBER = /-?\d[\d.eE+-]*/y
const WHOLE = /^-?\d+$/

/** The end of the string that begins at a place. By hand, since a pattern runs out of stack on a very long string. */
const endOfString = (text: string, start: number): number => {
  let end = start + 1
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1
  return end + 1
}

/** Strings, numbers and punctuation, in order. The text must be valid JSON. */
function* tokensOf(text: string): Generator<string> {
  let place = 0
  while (place < text.length) {
    const character = text[place] ?? ""
    if (character === '"') {
      const end = endOfString(text, place)
      yield text.slice(place, end)
      place = end
    } else if ("{}[]:,".includes(character)) {
      yield character
      place++
    } else {
      NUMBER.lastIndex = place
      const found = NUMBER.exec(text)?.[0]
      if (found !== undefined) yield found
      place += found?.length ?? 1
    }
  }
}

const inside = (frame: Frame | undefined): string =>
  frame === undefined ? "" : frame.keys === undefined ? `${frame.path}[${frame.index}]` : pathOf(frame.path, frame.key)

/** `budget.caps.macos`; a key that would read wrongly stands in brackets: `circuit_breaker["crates.io"]`. */
export const pathOf = (parent: string, key: string | number): string =>
  typeof key === "number"
    ? `${parent}[${key}]`
    : /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)
      ? parent === ""
        ? key
        : `${parent}.${key}`
      : `${parent}[${JSON.stringify(key)}]`

/** Whether a number comes out as it went in: whole ones of too many digits and ones past the range of doubles do not. */
const isKept = (token: string): boolean => {
  const read = Number(token)
  if (!Number.isFinite(read)) return false
  return !WHOLE.test(token) || String(read) === token || BigInt(token) === BigInt(read)
}

/**
 * What `JSON.parse` lets pass and should not. Of a key that stands twice the last one wins, so that a merge which left
 * `"enabled": false` and `"enabled": true` behind would read as "run"; a number that a double cannot hold would be
 * written back as another one. The text must be valid JSON.
 */
const firstFault = (text: string): JsonFault | undefined => {
  const frames: Array<Frame> = []
  // In an object the first string, and the next after a comma.
  let expectsKey = true
  for (const token of tokensOf(text)) {
    const top = frames.at(-1)
    if (token === "{" || token === "[") {
      if (frames.length === DEEPEST) return { message: `nested deeper than ${DEEPEST} levels`, path: "" }
      frames.push({ index: 0, key: "", keys: token === "{" ? new Set() : undefined, path: inside(top) })
      expectsKey = true
    } else if (token === "}" || token === "]") frames.pop()
    else if (token === ",") {
      if (top !== undefined) top.index++
      expectsKey = true
    } else if (token === ":") expectsKey = false
    else if (!token.startsWith('"')) {
      if (!isKept(token)) return { message: `the number ${token} cannot be kept as it is`, path: inside(top) }
    } else if (expectsKey && top?.keys !== undefined) {
      top.key = String(JSON.parse(token))
      if (top.keys.has(top.key)) {
        return { message: "the key stands twice in one object; keep one of the two", path: inside(top) }
      }
      top.keys.add(top.key)
    }
  }
  return undefined
}

/** Parses one JSON value that means one thing: each key once, every number kept, no bottomless nesting. */
export const parse = (text: string): Result.Result<Json, JsonFault> => {
  const value = Result.try({
    catch: (cause): JsonFault => ({
      message: `not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      path: ""
    }),
    try: (): Json => JSON.parse(text)
  })
  if (Result.isFailure(value)) return value
  const fault = firstFault(text)
  return fault === undefined ? value : Result.fail(fault)
}
