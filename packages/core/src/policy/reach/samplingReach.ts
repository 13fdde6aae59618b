/** Sampling that never validates anything on a platform. */
import { type Finding, finding, type Path, printPath } from "../Finding.ts"
import * as Policy from "../Policy.ts"
import type { Written } from "./Origin.ts"

const MILLION = 1_000_000

/** One recipe to be expected of a halved batch, rounded up to what a policy can state. */
const leastRate = ({ batchSize }: Policy.Policy): number =>
  Math.ceil(MILLION / Math.max(1, Math.floor(batchSize / 2))) / MILLION

const coversAll = (policy: Policy.Policy, match: string): boolean =>
  match === "**" || match === "**/*" || policy.content.every((glob) => glob === match)

/**
 * The place of the 0 that decides for every recipe of a platform, if there is one: the first rule that covers all of
 * them, or the platform's rate. A rule before it that keeps some recipes keeps the platform alive.
 */
const starvedAt = (policy: Policy.Policy, platform: string): Path | undefined => {
  for (const [place, rule] of policy.sampling.rules.entries()) {
    if (rule.platform !== undefined && rule.platform !== platform) continue
    if (rule.rate !== 0 && rule.rate !== "never") return undefined
    if (coversAll(policy, rule.match)) return ["sampling", "rules", place, "rate"]
  }
  const { rates } = policy.sampling
  return Object.hasOwn(rates, platform) && rates[platform] === 0 ? ["sampling", "rates", platform] : undefined
}

export const samplingReach = ({ policy }: Written): ReadonlyArray<Finding> => {
  const places = new Map<string, { readonly path: Path; readonly platforms: ReadonlyArray<string> }>()
  for (const platform of Policy.platformsOf(policy)) {
    const path = starvedAt(policy, platform)
    if (path === undefined) continue
    const place = printPath(path)
    places.set(place, { path, platforms: [...(places.get(place)?.platforms ?? []), platform] })
  }
  return [...places.values()].map(({ path, platforms }) =>
    finding(
      "sampling-starves",
      path,
      `at a rate of 0 no recipe is validated on ${platforms.join(", ")} ` +
        `${path[1] === "rules" ? "at any time" : "while sampling is active"}: what breaks there is not seen`,
      [{ path, value: leastRate(policy) }]
    )
  )
}
