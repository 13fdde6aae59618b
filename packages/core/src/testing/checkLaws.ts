/** Asks laws of a policy, and says what was found in a form that can be shown and repeated. */
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { isObject, type JsonObject } from "../json/Json.ts"
import * as Policy from "../policy/Policy.ts"
import type { Case, Law, Verdict } from "./laws/Law.ts"
import { LAWS } from "./laws/laws.ts"
import { reached, worldsOf } from "./ReachedArbitrary.ts"
import { tell } from "./tell.ts"
import type { World } from "./WorldArbitrary.ts"

export interface Asking {
  /** The same seed tries the same cases in the same order; without a time limit also the same number of them. */
  readonly seed: number
  /** Cases a law. */
  readonly runs: number
  /** For all laws together; each has its share, and what it did not try by then it does not try. */
  readonly budgetMillis?: number
  /** Default: all of them. */
  readonly laws?: ReadonlyArray<Law>
}

/** A case in which a law did not hold, made as small as it could be. */
export interface Counterexample {
  readonly because: string
  /** What happened, line by line. */
  readonly story: ReadonlyArray<string>
}

export interface Asked {
  readonly law: Law
  /** Cases that were tried, and in how many of them the law had something to say. */
  readonly runs: number
  readonly tried: number
  readonly counterexample: Counterexample | undefined
  /** Why nothing can be said of the law; `undefined` where it had something to say. */
  readonly untried: string | undefined
}

/** Cases that a law has, whatever the time, until one is about what it speaks of. */
const CASES_UNTIL_TRIED = 200
/** Cases in which a past is looked for that breaks a law as a made-up state did. */
const CASES_WITH_PAST = 200

const because = (verdict: Verdict): string => (verdict._tag === "Broken" ? verdict.because : "it held when tried again")

interface Trying {
  readonly runs: number
  readonly tried: number
  readonly found: Case | undefined
}

interface Limits {
  readonly seed: number
  readonly runs: number
  readonly budgetMillis: number | undefined
}

/** Judges cases of a law until one breaks it, which is then made as small as it can be. */
const attempt = (law: Law, worlds: fc.Arbitrary<World>, { budgetMillis, runs, seed }: Limits): Trying => {
  let tried = 0
  let count = 0
  let isFound = false
  const details = fc.check(
    fc.property(law.cases(worlds), (each) => {
      const verdict = each.judge()
      if (!isFound) {
        count++
        if (verdict._tag !== "Untried") tried++
        isFound = verdict._tag === "Broken"
      }
      return verdict._tag !== "Broken"
    }),
    {
      numRuns: runs,
      seed,
      verbose: 0,
      ...(budgetMillis === undefined ? {} : { interruptAfterTimeLimit: budgetMillis, markInterruptAsFailure: false })
    }
  )
  const [found] = details.counterexample ?? []
  return { found, runs: count, tried }
}

/** Neither a slow machine nor a small share leaves a law untried that a few cases more would have tried. */
const attemptEnough = (law: Law, policy: Policy.Policy, limits: Limits): Trying => {
  let trying = attempt(law, worldsOf(policy), limits)
  for (let runs = 1; trying.tried === 0 && trying.runs < CASES_UNTIL_TRIED && limits.runs > trying.runs; runs *= 5) {
    const atMost = Math.min(runs, limits.runs, CASES_UNTIL_TRIED)
    if (atMost > trying.runs)
      trying = attempt(law, worldsOf(policy), { ...limits, budgetMillis: undefined, runs: atMost })
  }
  return trying
}

/** Tells a case; where its state was made up, one instead that events lead to, if one breaks the law as well. */
const counterexampleOf = (law: Law, policy: Policy.Policy, seed: number, found: Case): Counterexample => {
  const limits = { budgetMillis: undefined, runs: CASES_WITH_PAST, seed }
  const told = found.world.past === undefined ? (attempt(law, reached(policy), limits).found ?? found) : found
  return { because: because(told.judge()), story: tell(told.world, told.events) }
}

/** The policy with as many ecosystems as a law needs: those that it lacks are like its first. */
const withEnough = (policy: Policy.Policy, { ecosystems: needed = 1 }: Law): Policy.Policy => {
  const names = Object.keys(policy.ecosystems)
  const own = policy.normal.ecosystems
  const [first] = names
  if (names.length >= needed || first === undefined || !isObject(own)) return policy
  const like = own[first] ?? {}
  const added = Array.from({ length: needed - names.length }, (_, place) => [`${first}-${place + 2}`, like] as const)
  const ecosystems: JsonObject = Object.fromEntries([...Object.entries(own), ...added])
  return Result.getOrElse(Policy.fromJson({ ...policy.normal, ecosystems }), () => policy)
}

const ask = (policy: Policy.Policy, law: Law, limits: Limits): Asked => {
  const enlarged = withEnough(policy, law)
  const { found, runs, tried } = attemptEnough(law, enlarged, limits)
  return {
    counterexample: found === undefined ? undefined : counterexampleOf(law, enlarged, limits.seed, found),
    law,
    runs,
    tried,
    untried: tried > 0 ? undefined : `none of ${runs} cases had ${law.speaksOf ?? "what it speaks of"}`
  }
}

/** Asks each law in turn. A policy without an ecosystem has nothing that could be asked about. */
export const checkLaws = (policy: Policy.Policy, asking: Asking): ReadonlyArray<Asked> => {
  const laws = Object.keys(policy.ecosystems).length === 0 ? [] : (asking.laws ?? LAWS)
  const budgetMillis =
    asking.budgetMillis === undefined ? undefined : Math.max(1, asking.budgetMillis / Math.max(1, laws.length))
  return laws.map((law) => ask(policy, law, { budgetMillis, runs: asking.runs, seed: asking.seed }))
}
