/** Writes the part of YAML that workflows need, so that every text is quoted where it has to be. */

/** A value with a remark behind it, for whoever reads the file. */
export interface Noted {
  readonly note: string
  readonly value: string | number | boolean
}

export type Yaml = string | number | boolean | Noted | ReadonlyArray<Yaml> | { readonly [key: string]: Yaml }

type Scalar = string | number | boolean | Noted

const isList = (value: Yaml): value is ReadonlyArray<Yaml> => Array.isArray(value)

const isScalar = (value: Yaml): value is Scalar =>
  typeof value !== "object" || (!isList(value) && "note" in value && "value" in value)

/** Texts that nothing could take for anything else. */
const BARE = /^[A-Za-z./][A-Za-z0-9 _./@-]*$/
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i
/** A whole expression stands well without quotes, and reads better. */
const EXPRESSION = /^\$\{\{ [^{}"\\#]*(?:: )?[^{}"\\#]* \}\}$/

const isBare = (text: string): boolean =>
  (BARE.test(text) && !RESERVED.test(text) && !text.endsWith(" ")) || (EXPRESSION.test(text) && !text.includes(": "))

const scalar = (value: Scalar, indent: string): string => {
  if (typeof value === "object") return `${scalar(value.value, indent)} # ${value.note}`
  if (typeof value !== "string") return String(value)
  if (isBare(value)) return value
  // A block of lines is what ends in one line end, begins with a word and has nothing that a reader cannot see.
  if (!/^\S[^\p{Cc}\u2028\u2029]*(?:\n[^\p{Cc}\u2028\u2029]*)*\S\n$/u.test(value)) return JSON.stringify(value)
  const lines = value.slice(0, -1).split("\n")
  return `|\n${lines.map((line) => (line === "" ? "" : `${indent}  ${line}`)).join("\n")}`
}

const isEmpty = (value: Yaml): boolean =>
  typeof value === "object" && !isScalar(value) && Object.keys(value).length === 0

const entry = (key: string, value: Yaml, indent: string): string => {
  if (isScalar(value)) return `${indent}${key}: ${scalar(value, indent)}\n`
  if (isEmpty(value)) return `${indent}${key}: ${isList(value) ? "[]" : "{}"}\n`
  return `${indent}${key}:\n${render(value, `${indent}  `)}`
}

/** The text of a mapping or a list; a list's items are marked in the two columns before their first line. */
export const render = (value: Exclude<Yaml, Scalar>, indent = ""): string => {
  if (!isList(value)) {
    return Object.entries(value)
      .map(([key, own]) => entry(key, own, indent))
      .join("")
  }
  return value
    .map((item) => {
      if (isEmpty(item)) return `${indent}- ${isList(item) ? "[]" : "{}"}\n`
      if (isScalar(item)) return `${indent}- ${scalar(item, indent)}\n`
      return `${indent}- ${render(item, `${indent}  `).slice(indent.length + 2)}`
    })
    .join("")
}
