/** What a completed run reports for the metrics: more than the breaker needs, and nothing that it needs. */
import * as Estimate from "./Estimate.ts"

export type Status = "passed" | "failed" | "skipped"

/** The validation of one recipe on one platform. */
export interface RecipeResult {
  readonly recipe: string
  readonly platform: string | undefined
  readonly status: Status
  readonly category: string | undefined
  readonly message: string | undefined
  readonly durationSeconds: number | undefined
  /** How many items this one stands for; 1 where nothing was sampled. */
  readonly weight: number
}

/** A completed run, as `record` hands it on. */
export interface RunReport {
  /** Unique in its ecosystem: what makes a second delivery the same run. */
  readonly runKey: string
  readonly ecosystem: string
  readonly batch: string | undefined
  /** Epoch milliseconds. */
  readonly startedAt: number | undefined
  readonly completedAt: number
  /** Recipes by verdict, also where no single results were reported. */
  readonly attempts: { readonly passed: number; readonly failed: number; readonly skipped: number }
  /**
   * How many recipes passed and failed, as estimated (Estimate.ts); `undefined` where nothing was sampled. Either may be
   * below 0 in a small run, and both together never are.
   */
  readonly weighted: { readonly passed: number; readonly failed: number } | undefined
  /** One a recipe and platform. Empty where only counts were reported. */
  readonly results: ReadonlyArray<RecipeResult>
  /** Whole minutes by platform. */
  readonly minutes: Readonly<Record<string, number>>
}

/** A recipe with its platforms as one attempt. */
export interface Attempt {
  readonly status: Status
  /** What it says of all recipes; nothing for a skipped one. */
  readonly estimate: Estimate.Estimate
}

/** A recipe with any failed platform failed; one with no platform that passed or failed was skipped. */
const verdictOf = (platforms: ReadonlyArray<RecipeResult>): Attempt => {
  const tried = platforms.flatMap(({ status, weight }) =>
    status === "skipped" ? [] : [{ isFailed: status === "failed", weight }]
  )
  return {
    estimate: Estimate.of(tried),
    status: tried.length === 0 ? "skipped" : tried.some(({ isFailed }) => isFailed) ? "failed" : "passed"
  }
}

/** The attempts that results come to, one a recipe. */
export const attemptsOf = (results: ReadonlyArray<RecipeResult>): ReadonlyArray<Attempt> => {
  const recipes = new Map<string, Array<RecipeResult>>()
  for (const result of results) {
    const platforms = recipes.get(result.recipe)
    if (platforms === undefined) recipes.set(result.recipe, [result])
    else platforms.push(result)
  }
  return [...recipes.values()].map(verdictOf)
}
