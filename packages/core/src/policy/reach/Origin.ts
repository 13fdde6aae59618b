/** Where in a policy file a value stands that is in force somewhere. */
import { isObject, type JsonObject } from "../../json/Json.ts"
import type { Change, Path } from "../Finding.ts"
import type { Policy } from "../Policy.ts"

/** A policy, and the file that it was read from: what people wrote, defaults not filled in. */
export interface Written {
  readonly file: JsonObject
  readonly policy: Policy
}

const within = (parent: unknown, key: string): unknown =>
  isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined

/** An ecosystem's own key if it states one, else the base that it inherits from. */
export const breakerPath = ({ file }: Written, ecosystem: string, key: string): Path => {
  const own = within(within(within(file, "ecosystems"), ecosystem), "breaker")
  return within(own, key) === undefined ? ["breaker", key] : ["ecosystems", ecosystem, "breaker", key]
}

/** The ecosystem's objective, or the one of all that it inherits. */
export const objectivePath = ({ file }: Written, ecosystem: string): Path =>
  within(within(within(file, "ecosystems"), ecosystem), "slo") === undefined
    ? ["slo"]
    : ["ecosystems", ecosystem, "slo"]

/** Whether a file says something itself, rather than leaving it to a default. */
export const isStated = ({ file }: Written, path: Path): boolean =>
  path.reduce<unknown>((parent, key) => within(parent, String(key)), file) !== undefined

/** What stands wrong at one place for some ecosystems, and what each of them would need there. */
export interface Wrong {
  readonly path: Path
  readonly ecosystem: string
  readonly value: number
}

/** One entry a place, with the value that serves all who inherit it. */
export const byPlace = (
  wrong: ReadonlyArray<Wrong>,
  serving: (one: number, other: number) => number
): ReadonlyArray<{
  readonly change: Change & { readonly value: number }
  readonly ecosystems: ReadonlyArray<string>
}> => {
  const places = new Map<string, ReadonlyArray<Wrong>>()
  for (const each of wrong) {
    const place = JSON.stringify(each.path)
    places.set(place, [...(places.get(place) ?? []), each])
  }
  return [...places.values()].flatMap((all) => {
    const [first] = all
    return first === undefined
      ? []
      : [
          {
            change: {
              path: first.path,
              value: all.map(({ value }) => value).reduce((one, other) => serving(one, other))
            },
            ecosystems: all.map(({ ecosystem }) => ecosystem)
          }
        ]
  })
}
