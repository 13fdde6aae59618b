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

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs

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

/**
 * The first key that stands twice in one object, or `undefined`. `JSON.parse` lets the last one win, so that a merge
 * which left `"enabled": false` and `"enabled": true` behind would read as "run". The text must be valid JSON.
 */
const firstDuplicateKey = (text: string): string | undefined => {
  const frames: Array<Frame> = []
  let expectsKey = false
  for (const [token] of text.matchAll(TOKEN)) {
    const top = frames.at(-1)
    if (token === "{" || token === "[") {
      frames.push({ index: 0, key: "", keys: token === "{" ? new Set() : undefined, path: inside(top) })
      expectsKey = token === "{"
    } else if (token === "}" || token === "]") {
      frames.pop()
      expectsKey = false
    } else if (token === ",") {
      if (top !== undefined) top.index++
      expectsKey = top?.keys !== undefined
    } else if (token === ":") expectsKey = false
    else if (expectsKey && top?.keys !== undefined) {
      top.key = String(JSON.parse(token))
      if (top.keys.has(top.key)) return inside(top)
      top.keys.add(top.key)
    }
  }
  return undefined
}

/** Parses one JSON value, and refuses an object that names a key twice. */
export const parse = (text: string): Result.Result<Json, JsonFault> => {
  const value = Result.try({
    catch: (cause): JsonFault => ({
      message: `not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      path: ""
    }),
    try: (): Json => JSON.parse(text)
  })
  if (Result.isFailure(value)) return value
  const twice = firstDuplicateKey(text)
  return twice === undefined
    ? value
    : Result.fail({ message: "the key stands twice in one object; keep one of the two", path: twice })
}
