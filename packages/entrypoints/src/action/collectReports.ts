/** What the runs of a matrix left behind, as the lines that `record --reports` reads. */
import { lstatSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isName } from "@batchbrake/core/json/Field"
import { isObject } from "@batchbrake/core/json/Json"
import * as Result from "effect/Result"

/** A grant as the gate's output `claims` names it. */
interface Claim {
  readonly ecosystem: string
  readonly runKey: string
}

const LARGEST_BYTES = 32 * 1024 * 1024

const claimsOf = (text: string): ReadonlyArray<Claim> | undefined => {
  try {
    const list: unknown = JSON.parse(text)
    if (!Array.isArray(list)) return undefined
    const claims = list.flatMap((one: unknown): ReadonlyArray<Claim> => {
      if (!isObject(one)) return []
      const { ecosystem, run_key } = one
      return typeof ecosystem === "string" && isName(ecosystem) && typeof run_key === "string"
        ? [{ ecosystem, runKey: run_key }]
        : []
    })
    return claims.length === list.length ? claims : undefined
  } catch {
    return undefined
  }
}

const textIn = (directory: string, name: string): string | undefined => {
  const path = join(directory, name)
  // A link could lead to any file of the machine, and a fault quotes what it found.
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry?.isFile() !== true) return undefined
  // Too long to be believed: read as something that is no report, nor a last line that broke off, which fails its run alone.
  return entry.size > LARGEST_BYTES ? "longer than 32 MiB\n" : readFileSync(path, "utf8")
}

const lineOf = (directory: string, { ecosystem, runKey }: Claim): string => {
  const own = join(directory, `report-${ecosystem}`)
  const stated = textIn(own, "run.txt")?.trim()
  // What an earlier attempt handed in under the same name is nothing that this run did.
  const isAnother = stated !== undefined && stated !== runKey
  const [results, spent = ""] = isAnother ? [] : [textIn(own, "results.jsonl"), textIn(own, "minutes.txt")]
  const minutes = spent
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^[a-z0-9][a-z0-9._-]*=\d+(?:\.\d+)?$/.test(line))
  return JSON.stringify({
    ecosystem,
    run_key: runKey,
    ...(minutes.length === 0 ? {} : { minutes }),
    ...(results === undefined ? { abandoned: true } : { results })
  })
}

/**
 * One line a claim, from `report-ECOSYSTEM/results.jsonl` and `report-ECOSYSTEM/minutes.txt` below the directory. Only
 * the claims are gone by: a directory that belongs to none is not looked at, and a claim without one is given back. Where
 * `report-ECOSYSTEM/run.txt` names another run the directory is that one's.
 */
export const collectReports = (directory: string, claims: string): Result.Result<string, string> => {
  const claimed = claimsOf(claims)
  return claimed === undefined
    ? Result.fail("expected the gate's output `claims`: a JSON array of { ecosystem, run_key }")
    : Result.succeed(claimed.map((claim) => `${lineOf(directory, claim)}\n`).join(""))
}
