/**
 * A policy in a made-up world: each hour every ecosystem asks the gate with a batch, what is admitted is validated and
 * reported ten minutes later. Through {@link decide} and {@link reduce}, as on a control branch. What is held is refused
 * for good: nothing queues up.
 */
import * as Result from "effect/Result"
import type * as Minutes from "../budget/Minutes.ts"
import { type Control, initial } from "../control/Control.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import { breakerOf } from "../control/ControlFile.ts"
import { decide } from "../control/Decision.ts"
import { reduce } from "../control/Reducer.ts"
import type { Rejection } from "../control/Rejection.ts"
import type { Policy } from "../policy/Policy.ts"
import { HOUR, MINUTE, parse, WEEK } from "../time/Instant.ts"
import * as Chance from "./Chance.ts"
import { SLIPS, type Weather, type World } from "./World.ts"

/** What a world is played with; the same for every policy that is compared in it. */
export interface Setup {
  readonly seed: string
  readonly weeks: number
  /** Recipes of one batch. */
  readonly recipes: number
  readonly ecosystems: ReadonlyArray<string>
  /** Minutes of one attempt by platform, in an ordinary hour; fractions add up over runs. */
  readonly cost: Readonly<Record<string, number>>
}

/** What a policy let in and kept out. */
export interface Regret {
  readonly badAdmitted: number
  readonly badRefused: number
  readonly goodAdmitted: number
  readonly goodRefused: number
  readonly minutes: number
  readonly trips: number
  readonly openHours: number
}

const START = parse("2026-01-05") ?? 0
const REPORT_AFTER = 10 * MINUTE
const HOURS_A_WEEK = WEEK / HOUR
/** In an ordinary world a week uses this share of each cap of the policy that the setup is made for. */
const ORDINARY_USE = 0.6

/** The cost of an attempt at which an ordinary week uses six tenths of a policy's caps. */
export const costFor = (policy: Policy, ecosystems: number, recipes: number): Setup["cost"] =>
  Object.fromEntries(
    Object.entries(policy.budget.caps).map(([platform, cap]) => [
      platform,
      (ORDINARY_USE * cap) / (HOURS_A_WEEK * Math.max(1, ecosystems) * recipes)
    ])
  )

interface Recipe {
  readonly name: string
  readonly isGood: boolean
  readonly passes: boolean
}

/** The batch of an hour: the same for every policy. */
const batchOf = (
  seed: number,
  weather: Weather,
  ecosystem: number,
  hour: number,
  recipes: number
): ReadonlyArray<Recipe> =>
  Array.from({ length: recipes }, (_, index) => {
    const isPoisoned = weather.poisoned && index === 0
    const isGood = !isPoisoned && Chance.at(seed, ecosystem, hour, index, 1) < weather.good
    return {
      isGood,
      name: isPoisoned ? "recipes/poisoned" : `recipes/${hour}-${index}`,
      passes: Chance.at(seed, ecosystem, hour, index, 2) < (isGood ? weather.passes : SLIPS)
    }
  })

interface Played {
  control: Control
  /** Fractions of minutes that were used and not yet stated, by ecosystem and platform. */
  readonly owed: Record<string, number>
  readonly counts: { -readonly [K in keyof Regret]: Regret[K] }
}

const statedMinutes = (
  played: Played,
  setup: Setup,
  ecosystem: string,
  share: (platform: string) => number
): Minutes.Minutes =>
  Object.fromEntries(
    Object.entries(setup.cost).map(([platform, cost]) => {
      const key = `${ecosystem} ${platform}`
      const used = (played.owed[key] ?? 0) + cost * share(platform)
      const whole = Math.floor(used)
      played.owed[key] = used - whole
      return [platform, whole]
    })
  )

const apply = (policy: Policy, played: Played, event: ControlEvent): Rejection | undefined => {
  const reduced = reduce(policy, played.control, event)
  if (Result.isFailure(reduced)) return reduced.failure
  played.control = reduced.success.control
  return undefined
}

interface Turn {
  readonly ecosystem: string
  readonly number: number
  readonly hour: number
  readonly weather: Weather
  readonly seed: number
}

const count = (counts: Played["counts"], batch: ReadonlyArray<Recipe>, tried: ReadonlyArray<Recipe>): void => {
  const good = (recipes: ReadonlyArray<Recipe>): number => recipes.filter(({ isGood }) => isGood).length
  counts.goodAdmitted += good(tried)
  counts.badAdmitted += tried.length - good(tried)
  counts.goodRefused += good(batch) - good(tried)
  counts.badRefused += batch.length - tried.length - (good(batch) - good(tried))
}

/** One ecosystem in one hour. */
const play = (policy: Policy, setup: Setup, played: Played, turn: Turn): Rejection | undefined => {
  const { ecosystem, hour, number, seed, weather } = turn
  const at = START + hour * HOUR + number * 1000
  const batch = batchOf(seed, weather, number, hour, setup.recipes)
  const candidates = batch.map(({ name }) => name)
  const run = { author: "simulation", ecosystem, runKey: `hour-${hour}` }
  const decision = decide(policy, played.control, { ...run, batch: undefined, candidates, claim: true }, at)
  const before = breakerOf(played.control.file, ecosystem).state
  const { admission } = decision
  const probes = admission?.probeRecipes ?? []
  const tried =
    admission === undefined
      ? []
      : admission.kind === "probe"
        ? batch.filter(({ name }) => probes.includes(name))
        : batch.slice(0, decision.maxAttempts)
  count(played.counts, batch, tried)
  if (admission !== undefined) {
    const minutes = statedMinutes(
      played,
      setup,
      ecosystem,
      (platform) => tried.length * weather.cost * (decision.sampling[platform] ?? 1)
    )
    played.counts.minutes += Object.values(minutes).reduce((sum, used) => sum + used, 0)
    const attempts = { categories: {}, results: tried.map(({ passes }) => (passes ? "P" : "F")).join("") }
    const claim: ControlEvent = {
      ...run,
      _tag: "RunAdmitted",
      at,
      ...(probes.length > 0 ? { probeRecipes: probes } : {})
    }
    const rejected =
      apply(policy, played, claim) ??
      apply(policy, played, { ...run, _tag: "RunCompleted", at: at + REPORT_AFTER, attempts, minutes })
    if (rejected !== undefined) return rejected
  }
  const after = breakerOf(played.control.file, ecosystem).state
  if (before === "closed" && after === "open") played.counts.trips++
  if (after !== "closed") played.counts.openHours++
  return undefined
}

/** Plays a world to its end. The same setup, policy and world give the same figures. */
export const simulate = (
  policy: Policy,
  name: string,
  world: World,
  setup: Setup
): Result.Result<Regret, Rejection> => {
  const counts = { badAdmitted: 0, badRefused: 0, goodAdmitted: 0, goodRefused: 0, minutes: 0, openHours: 0, trips: 0 }
  const played: Played = { control: initial, counts, owed: {} }
  const seed = Chance.seedOf(`${setup.seed} ${name}`)
  const hours = setup.weeks * HOURS_A_WEEK
  for (let hour = 0; hour < hours; hour++) {
    const weather = world.weather(seed, hour, hours)
    for (const [number, ecosystem] of setup.ecosystems.entries()) {
      const rejected = play(policy, setup, played, { ecosystem, hour, number, seed, weather })
      if (rejected !== undefined) return Result.fail(rejected)
    }
  }
  return Result.succeed(counts)
}
