/** Worlds to try a policy in: what recipes are worth, and how their validation goes, hour by hour. */
import * as Chance from "./Chance.ts"

/** What holds in one hour, for all ecosystems. */
export interface Weather {
  /** The probability that a recipe is good. */
  readonly good: number
  /** The probability that the validation of a good one passes; of a bad one it is {@link SLIPS}. */
  readonly passes: number
  /** What minutes cost beside an ordinary hour. */
  readonly cost: number
  /** Whether one recipe is bad in every batch. */
  readonly poisoned: boolean
}

/** The probability that a bad recipe passes its validation. */
export const SLIPS = 0.02

const CLEAR: Weather = { cost: 1, good: 0.99, passes: 0.995, poisoned: false }
const [FLAKY_SHARE, FLAKY_PASSES] = [0.15, 0.3]
const OUTAGE_HOURS = 18

export interface World {
  readonly says: string
  /** `hour` of `hours`, from 0. */
  readonly weather: (seed: number, hour: number, hours: number) => Weather
}

const rot = (progress: number): number => (progress < 0.8 ? 0.99 - 0.7 * (progress / 0.8) : 0.99)

export const WORLDS = {
  healthy: { says: "99 % of recipes are good, all the time", weather: () => CLEAR },
  collapse: {
    says: "from 40 % to 60 % of the time nineteen of twenty recipes are bad",
    weather: (_, hour, hours) => (hour >= hours * 0.4 && hour < hours * 0.6 ? { ...CLEAR, good: 0.05 } : CLEAR)
  },
  "slow-rot": {
    says: "good recipes fall from 99 % to 29 % over four fifths of the time, then somebody mends it",
    weather: (_, hour, hours) => ({ ...CLEAR, good: rot(hour / hours) })
  },
  "flaky-upstream": {
    says: "in 15 % of the hours the validation of good recipes passes three times in ten",
    weather: (seed, hour) => (Chance.at(seed, hour, 7) < FLAKY_SHARE ? { ...CLEAR, passes: FLAKY_PASSES } : CLEAR)
  },
  "poisoned-package": {
    says: "one package is bad in every batch, and comes first",
    weather: () => ({ ...CLEAR, poisoned: true })
  },
  "host-outage": {
    says: "a host is out for 18 hours, twice: good recipes fail everywhere",
    weather: (_, hour, hours) =>
      [0.3, 0.7].some((begin) => hour >= Math.floor(hours * begin) && hour < Math.floor(hours * begin) + OUTAGE_HOURS)
        ? { ...CLEAR, passes: 0.02 }
        : CLEAR
  },
  "budget-crunch": {
    says: "every attempt costs two and a half times the minutes",
    weather: () => ({ ...CLEAR, cost: 2.5 })
  }
} satisfies Readonly<Record<string, World>>

export type Name = keyof typeof WORLDS

export const isName = (name: string): name is Name => Object.hasOwn(WORLDS, name)

export const NAMES: ReadonlyArray<Name> = Object.keys(WORLDS).filter(isName)
