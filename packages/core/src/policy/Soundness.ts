/**
 * All that can be said about a policy file without running anything: its shape, its contradictions, and then what it can
 * never do. SPEC.md, section RC.
 */
import * as Result from "effect/Result"
import type { Fault } from "../json/Fault.ts"
import { isObject, type Json } from "../json/Json.ts"
import { type Change, type Finding, finding, mended, type Path, parsePath } from "./Finding.ts"
import * as Policy from "./Policy.ts"
import * as Reachability from "./Reachability.ts"

/** What was found, and the policy itself where there is one. */
export interface Sound {
  readonly findings: ReadonlyArray<Finding>
  /** `undefined` while the file is none. */
  readonly policy: Policy.Policy | undefined
}

/** What a key that no policy can do without begins with. */
const STARTS: Readonly<Record<string, Json>> = { ecosystems: {}, version: 1 }
const PROBES = ["probe_attempts", "close_after"]

/** Inside a list an element goes as a whole, and the globs of the content with their list: it cannot be empty. */
const removed = (path: Path): Change => {
  const place = path.findIndex((key) => typeof key === "number")
  return { path: place < 0 ? path : path.slice(0, path[0] === "content" ? place : place + 1), value: undefined }
}

const mendOf = (path: Path, { instead }: Fault): Change => {
  const [first] = path
  if (instead !== undefined) return { path, value: instead }
  if (first === undefined) return { path, value: STARTS }
  return path.length === 1 && Object.hasOwn(STARTS, first) ? { path, value: STARTS[first] } : removed(path)
}

const isProbeCount = (path: Path): boolean => path.length > 1 && PROBES.includes(String(path.at(-1)))

const ofFault = (file: Json, fault: Fault): Finding => {
  const path = parsePath(fault.path)
  const message = `found ${fault.found}, expected ${fault.expected}`
  if (isProbeCount(path)) {
    const found = path.reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), file)
    if (typeof found === "number" && found <= 0)
      return finding(
        "probes-of-zero",
        path,
        `${message}: a probe of nothing proves nothing, and half-open cannot end`,
        [{ path, value: 1 }]
      )
  }
  return fault.instead === undefined
    ? finding("schema", path, message, [mendOf(path, fault)])
    : finding("contradiction", path, message, [mendOf(path, fault)])
}

/** A file is mended for looking further so many times: its shape first, and then what contradicts itself in it. */
const MOST_ROUNDS = 3

/** Every change of some findings; the later elements of a list first, so that none is taken for another. */
const mendedWhole = (file: Json, findings: ReadonlyArray<Finding>): Json =>
  [...findings]
    .sort((one, other) => comparePlaces(other.path, one.path))
    .reduce<Json>((changed, each) => mended(changed, each), file)

const comparePlaces = (one: Path, other: Path): number => {
  const place = one.findIndex((key, index) => key !== other[index])
  const [left, right] = [one[place], other[place]]
  return typeof left === "number" && typeof right === "number" ? left - right : 0
}

const isWithin = (path: Path, whole: Path): boolean => whole.every((key, index) => path[index] === key)

/** What else is wrong with a file, as far as it can be told without the values at fault. */
const behind = (file: Json, found: ReadonlyArray<Finding>, rounds: number): ReadonlyArray<Finding> => {
  const without = mendedWhole(file, found)
  const rest = Result.match(Policy.fromJson(without), {
    onFailure: (faults): ReadonlyArray<Finding> => {
      const more = faults.map((fault) => ofFault(without, fault))
      return rounds > 1 ? [...more, ...behind(without, more, rounds - 1)] : more
    },
    onSuccess: (policy) => (isObject(without) ? Reachability.findings(without, policy) : [])
  })
  // What stands in a list from which something was taken stands elsewhere in the file as it is.
  const isShifted = ({ path }: Finding): boolean =>
    path.some((key) => typeof key === "number") &&
    found.some((each) => each.path.some((key) => typeof key === "number"))
  return rest.filter((each) => !isShifted(each) && !found.some(({ path }) => isWithin(each.path, path)))
}

/** Checks the JSON of a policy file. Behind faults of its shape stands what is found in it without the faulty values. */
export const check = (file: Json): Sound =>
  Result.match(Policy.fromJson(file), {
    onFailure: (faults): Sound => {
      const found = faults.map((fault) => ofFault(file, fault))
      return { findings: [...found, ...behind(file, found, MOST_ROUNDS)], policy: undefined }
    },
    onSuccess: (policy): Sound => ({
      findings: isObject(file) ? Reachability.findings(file, policy) : [],
      policy
    })
  })
