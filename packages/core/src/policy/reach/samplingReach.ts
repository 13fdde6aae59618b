/** Sampling that never, or hardly ever, validates anything on a platform. */
import { type Finding, finding, type Path, printPath } from "../Finding.ts"
import * as Policy from "../Policy.ts"
import { alternatives, areApart, covers } from "./Glob.ts"
import type { Written } from "./Origin.ts"
import { attemptsAWeek } from "./runReach.ts"

const MILLION = 1_000_000

/** One recipe to be expected of a halved batch, or of a week's if that takes more, rounded up to what a policy can state. */
const leastRate = (policy: Policy.Policy): number =>
  Math.ceil(MILLION / Math.max(1, Math.min(Math.floor(policy.batchSize / 2), attemptsAWeek(policy)))) / MILLION

/** A rate that decides for some recipes of a platform, and where it stands. */
interface Deciding {
  readonly path: Path
  readonly rate: number
}

/** The rates that can decide for the recipes of one glob of the content, in order; none follows one that covers them all. */
const decidingFor = (policy: Policy.Policy, glob: string, platform: string): ReadonlyArray<Deciding> => {
  const deciding: Array<Deciding> = []
  for (const [place, rule] of policy.sampling.rules.entries()) {
    if ((rule.platform !== undefined && rule.platform !== platform) || areApart(rule.match, glob)) continue
    const rate = rule.rate === "always" ? 1 : rule.rate === "never" ? 0 : rule.rate
    deciding.push({ path: ["sampling", "rules", place, "rate"], rate })
    if (covers(rule.match, glob)) return deciding
  }
  const { rates } = policy.sampling
  const rate = Object.hasOwn(rates, platform) ? (rates[platform] ?? 1) : 1
  return [...deciding, { path: ["sampling", "rates", platform], rate }]
}

/** Where the greatest rate stands that decides for any recipe of a platform; of equal ones the last, which decides for most. */
const greatestOf = (policy: Policy.Policy, platform: string): Deciding | undefined =>
  policy.content
    .flatMap(alternatives)
    .flatMap((glob) => decidingFor(policy, glob, platform))
    .reduce<Deciding | undefined>(
      (most, each) => (most === undefined || each.rate >= most.rate ? each : most),
      undefined
    )

const message = (policy: Policy.Policy, { path, rate }: Deciding, platforms: string): string => {
  const when = path[1] === "rules" ? "at any time" : "while sampling is active"
  return rate === 0
    ? `at a rate of 0 no recipe is validated on ${platforms} ${when}: what breaks there is not seen`
    : `at rates of ${rate} at most, less than one recipe a week is validated on ${platforms} ${when}: the minutes admit ` +
        `${attemptsAWeek(policy)} a week`
}

export const samplingReach = ({ policy }: Written): ReadonlyArray<Finding> => {
  const places = new Map<string, { readonly most: Deciding; readonly platforms: ReadonlyArray<string> }>()
  for (const platform of Policy.platformsOf(policy)) {
    const most = greatestOf(policy, platform)
    if (most === undefined || (most.rate > 0 && most.rate * attemptsAWeek(policy) >= 1)) continue
    const place = printPath(most.path)
    places.set(place, { most, platforms: [...(places.get(place)?.platforms ?? []), platform] })
  }
  return [...places.values()].map(({ most, platforms }) =>
    finding("sampling-starves", most.path, message(policy, most, platforms.join(", ")), [
      { path: most.path, value: leastRate(policy) }
    ])
  )
}
