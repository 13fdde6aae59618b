/** Small words of the codec: instants as text, absent keys, and the keys that nobody here knows. */
import { isObject, type Json, type JsonObject } from "../json/Json.ts"
import { type EpochMillis, format, parse } from "../time/Instant.ts"

/** Text of the file as an instant; empty and absent are none. The schema has already refused anything else. */
export const instantOf = (value: string | undefined): EpochMillis | undefined =>
  value === undefined ? undefined : parse(value)

/** An instant as text of the file; none stays none. */
export const text = (instant: EpochMillis | undefined): string | undefined =>
  instant === undefined ? undefined : format(instant)

/** An object without the keys that have no value: what JSON would do, said in the type. */
export const written = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  )

/** What an object holds under a key of its own; nothing where it is no object, or has no such key. */
export const entryOf = (parent: Json | undefined, key: string): Json | undefined =>
  isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined

/** The fields of an object that are not among the known ones, in their order. */
export const unknownOf = (raw: Json | undefined, known: ReadonlyArray<string>): JsonObject =>
  isObject(raw) ? Object.fromEntries(Object.entries(raw).filter(([key]) => !known.includes(key))) : {}
