/**
 * A small generator of recipes, and their validation, both real: files are written, read back and checked against the
 * checksum that upstream published. Upstream is a directory; macOS is pretended, its check is the same one.
 */
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { SamplingPolicy } from "@batchbrake/core/policy/Policy"
import { sample } from "@batchbrake/core/sampling/Sampler"
import * as Schema from "effect/Schema"
import { COLLAPSING, HOPELESS, isDamaged } from "./Plan.ts"

/** One line of a report, as `batchbrake record --results` reads it. */
export interface ResultLine {
  readonly recipe: string
  readonly platform: string
  readonly status: "passed" | "failed"
  readonly weight: number
  readonly category?: string
}

const Recipe = Schema.fromJsonString(
  Schema.Struct({
    name: Schema.NonEmptyString,
    payload: Schema.NonEmptyString,
    sha256: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)),
    version: Schema.NonEmptyString
  })
)

const digest = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex")

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

export const pathOf = (ecosystem: string, name: string): string => `recipes/${ecosystem}/${name}.json`

/** One package in thirty-two has a bad release; which one follows from its name, so that every play is the same. */
const isUnlucky = (whole: string): boolean => Number.parseInt(digest(whole).slice(0, 2), 16) < 8

/** Upstream releases a version: it publishes a checksum, and serves a payload that may not be what was summed. */
const release = (upstream: string, ecosystem: string, name: string, hour: number) => {
  const version = `1.${hour}.0`
  const file = `${ecosystem}/${name}-${version}.txt`
  const whole = Array.from({ length: 40 }, (_, line) => digest(`${file} ${line}`)).join("\n")
  const cut = isDamaged(ecosystem, hour) || (ecosystem !== COLLAPSING && isUnlucky(whole))
  write(join(upstream, file), cut ? whole.slice(0, whole.length / 2) : whole)
  const hopeless = ecosystem === COLLAPSING && name === HOPELESS
  return { file, sha256: digest(hopeless ? `${name}, before it was rebuilt` : whole), version }
}

/** Writes the recipe of a package's newest release into a work tree. */
export const generate = (
  place: { readonly tree: string; readonly upstream: string },
  ecosystem: string,
  name: string,
  hour: number
): string => {
  const { file, sha256, version } = release(place.upstream, ecosystem, name, hour)
  const path = pathOf(ecosystem, name)
  write(join(place.tree, path), `${JSON.stringify({ name, payload: file, sha256, version }, null, 2)}\n`)
  return path
}

/** Why a recipe does not work; `undefined` when it does. */
const fault = (place: { readonly tree: string; readonly upstream: string }, path: string): string | undefined => {
  const recipe = Schema.decodeUnknownOption(Recipe)(readFileSync(join(place.tree, path), "utf8"))
  if (recipe._tag === "None") return "unreadable-recipe"
  const payload = readFileSync(join(place.upstream, recipe.value.payload))
  return digest(payload) === recipe.value.sha256 ? undefined : "checksum-mismatch"
}

/** Validates recipes on Linux, and on macOS as far as the sampler keeps them. */
export const validate = (
  place: { readonly tree: string; readonly upstream: string },
  sampling: SamplingPolicy,
  rates: Readonly<Record<string, number>>,
  batch: string,
  paths: ReadonlyArray<string>
): ReadonlyArray<ResultLine> =>
  paths.flatMap((path) =>
    Object.entries(rates).flatMap(([platform, rate]): ReadonlyArray<ResultLine> => {
      const { keep, weight } = sample(sampling, { batch, platform, recipe: path }, rate)
      if (!keep) return []
      const category = fault(place, path)
      return [
        category === undefined
          ? { platform, recipe: path, status: "passed", weight }
          : { category, platform, recipe: path, status: "failed", weight }
      ]
    })
  )
