/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Keys in one order, that of their code units, everywhere: equal values give equal text, so that a hash of the text identifies the value. */
const sorted = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(sorted)
    : isObject(value)
      ? Object.fromEntries(
          Object.keys(value)
            .sort()
            .map((key) => [key, sorted(value[key] ?? null)])
        )
      : value

/** One line of JSON with sorted keys. Integer-like keys come first, as in every JavaScript object. */
export const print = (value: Json): string => JSON.stringify(sorted(value))
