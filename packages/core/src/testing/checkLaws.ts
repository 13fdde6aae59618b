/** Asks laws of a policy, and says what was found in a form that can be shown and repeated. */
import * as fc from "fast-check"
import type { Policy } from "../policy/Policy.ts"
import type { Case, Law, Verdict } from "./laws/Law.ts"
import { LAWS } from "./laws/laws.ts"
import { worldsOf } from "./ReachedArbitrary.ts"
import { tell } from "./tell.ts"

export interface Asking {
  /** The same seed tries the same cases in the same order. */
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
}

const because = (verdict: Verdict): string => (verdict._tag === "Broken" ? verdict.because : "it held when tried again")

const counterexampleOf = (found: Case): Counterexample => ({
  because: because(found.judge()),
  story: tell(found.world, found.events)
})

const ask = (policy: Policy, law: Law, { runs, seed }: Asking, budgetMillis: number | undefined): Asked => {
  let tried = 0
  let count = 0
  let isFound = false
  const details = fc.check(
    fc.property(law.cases(worldsOf(policy)), (each) => {
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
  return { counterexample: found === undefined ? undefined : counterexampleOf(found), law, runs: count, tried }
}

/** Asks each law in turn. A policy without an ecosystem has nothing that could be asked about. */
export const checkLaws = (policy: Policy, asking: Asking): ReadonlyArray<Asked> => {
  const laws = Object.keys(policy.ecosystems).length === 0 ? [] : (asking.laws ?? LAWS)
  const share = asking.budgetMillis === undefined ? undefined : Math.max(1, asking.budgetMillis / laws.length)
  return laws.map((law) => {
    const asked = ask(policy, law, asking, share)
    // A machine may be too slow, or the share too small, for even one case: then one it is.
    return asked.runs > 0 ? asked : ask(policy, law, { ...asking, runs: 1 }, undefined)
  })
}
