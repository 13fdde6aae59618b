import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { isObject, type Json } from "./Json.ts"
import * as StrictJson from "./StrictJson.ts"

/** One thing wrong with a file: where it stands, what is there, what should be there. */
export interface Fault {
  /** `circuit_breaker.npm.opens_at`; empty for the whole file. */
  readonly path: string
  readonly found: string
  readonly expected: string
  /** The nearest value that would do, where one is known. */
  readonly instead?: Json
}

const FOUND_LENGTH = 60

/** A value as the reader of an error wants to see it: short, on one line. */
export const describe = (value: unknown): string => {
  if (value === undefined) return "nothing"
  const text = JSON.stringify(value) ?? String(value)
  return text.length > FOUND_LENGTH ? `${text.slice(0, FOUND_LENGTH)}…` : text
}

/** `budget.macos_minutes_used: found -3, expected a value greater than or equal to 0` */
export const print = (fault: Fault): string =>
  `${fault.path === "" ? "" : `${fault.path}: `}found ${fault.found}, expected ${fault.expected}`

export const printAll = (faults: ReadonlyArray<Fault>): string => faults.map(print).join("; ")

const lookUp = (root: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      Array.isArray(value)
        ? value[Number(key)]
        : isObject(value) && Object.hasOwn(value, key)
          ? value[String(key)]
          : undefined,
    root
  )

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

const toFault = (root: unknown, path: ReadonlyArray<PropertyKey>, message: string): Fault => {
  const name = path.reduce<string>(
    (parent, key) => StrictJson.pathOf(parent, typeof key === "number" ? key : String(key)),
    ""
  )
  if (message === "Missing key") return { expected: "the key to be there", found: "nothing", path: name }
  if (message === "Expected no excess property") {
    return { expected: "no such key", found: `the unknown key ${describe(path.at(-1))}`, path: name }
  }
  return { expected: message.replace(/^Expected /, ""), found: describe(lookUp(root, path)), path: name }
}

/**
 * Decodes a JSON value by a schema; every fault is found in one pass, each with its path.
 * `closed` makes unknown keys faults, which is right for files that people write.
 */
export const decodeWith =
  <A, I>(schema: Schema.Codec<A, I>, keys: "closed" | "open") =>
  (value: Json): Result.Result<A, ReadonlyArray<Fault>> =>
    Result.mapError(
      Schema.decodeUnknownResult(schema, {
        errors: "all",
        onExcessProperty: keys === "closed" ? "error" : "ignore"
      })(value),
      (failure) =>
        formatIssues(failure.issue).issues.map((issue) =>
          toFault(
            value,
            (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part)),
            issue.message
          )
        )
    )

/** The text of a file as JSON, or the one fault that stops it from being JSON. */
export const parseText = (text: string): Result.Result<Json, ReadonlyArray<Fault>> =>
  Result.mapError(StrictJson.parse(text), (fault) => [
    { expected: "one JSON value, each key once, numbers that can be kept", found: fault.message, path: fault.path }
  ])
