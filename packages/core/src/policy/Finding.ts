/** What `policy check` finds in a policy file: where it stands, why it matters, and what mends it. */
import { isObject, type Json, type JsonObject } from "../json/Json.ts"
import { pathOf } from "../json/StrictJson.ts"

/** Keys and places from the root of a policy file to a value. */
export type Path = ReadonlyArray<string | number>

/** One value of a policy file set anew, or taken out. */
export interface Change {
  readonly path: Path
  /** `undefined` takes the key out, so that its default applies. */
  readonly value: Json | undefined
}

/** Something that a policy says and surely does not mean. */
export interface Finding {
  /** Stable, for programs. */
  readonly code: string
  /**
   * An error follows from the policy's own figures. A warning rests on an assumption about the runs, which it states, and
   * stops nobody.
   */
  readonly severity: "error" | "warning"
  readonly path: Path
  /** One line: what follows from it. */
  readonly message: string
  /** The smallest change of the file after which this is no longer found; done together. */
  readonly mend: ReadonlyArray<Change>
}

export const finding = (code: string, path: Path, message: string, mend: ReadonlyArray<Change>): Finding => ({
  code,
  mend,
  message,
  path,
  severity: "error"
})

/** A finding that rests on an assumption, which its message states. */
export const warning = (code: string, path: Path, message: string, mend: ReadonlyArray<Change>): Finding => ({
  ...finding(code, path, message, mend),
  severity: "warning"
})

/** `ecosystems["crates.io"].breaker.window` */
export const printPath = (path: Path): string => path.reduce<string>(pathOf, "")

const STEP = /\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y

/** The inverse of {@link printPath}; what cannot be read ends the path. */
export const parsePath = (text: string): Path => {
  const path: Array<string | number> = []
  STEP.lastIndex = 0
  for (let step = STEP.exec(text); step !== null; step = STEP.exec(text)) {
    const [, name, place, quoted] = step
    path.push(name ?? (place === undefined ? String(JSON.parse(quoted ?? '""')) : Number(place)))
  }
  return path
}

/** `set breaker.threshold to 0.1`, or `remove sampling.rules[0]`. */
export const printChange = ({ path, value }: Change): string => {
  const place = path.length === 0 ? "the whole file" : printPath(path)
  return value === undefined ? `remove ${place}` : `set ${place} to ${JSON.stringify(value)}`
}

const put = (parent: Json | undefined, [key, ...rest]: Path, value: Json | undefined): Json | undefined => {
  if (key === undefined) return value
  if (Array.isArray(parent)) {
    return parent.flatMap((element: Json, place): ReadonlyArray<Json> => {
      const next = place === Number(key) ? put(element, rest, value) : element
      return next === undefined ? [] : [next]
    })
  }
  const before: JsonObject = isObject(parent) ? parent : {}
  const own = Object.hasOwn(before, key) ? before[key] : undefined
  if (own === undefined && value === undefined) return parent
  const next = put(own, rest, value)
  const changed = Object.entries(before).flatMap(([name, kept]) =>
    name !== String(key) ? [[name, kept] as const] : next === undefined ? [] : [[name, next] as const]
  )
  return Object.fromEntries(own === undefined && next !== undefined ? [...changed, [key, next] as const] : changed)
}

/** A policy file with a finding's change made; every other value stays where it stood. */
export const mended = (file: Json, { mend }: Finding): Json =>
  mend.reduce<Json>((changed, { path, value }) => put(changed, path, value) ?? {}, file)
