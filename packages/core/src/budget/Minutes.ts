/** Whole minutes by platform. A platform that is not named has none. */
export type Minutes = Readonly<Record<string, number>>

export const none: Minutes = {}

export const of = (minutes: Minutes, platform: string): number =>
  Object.hasOwn(minutes, platform) ? (minutes[platform] ?? 0) : 0

/** No two are of one name. */
const byName = (left: readonly [string, number], right: readonly [string, number]): number =>
  left[0] < right[0] ? -1 : 1

/** Platform by platform, in the order of their names. */
const combine = (left: Minutes, right: Minutes, join: (left: number, right: number) => number): Minutes =>
  Object.fromEntries(
    [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .map((platform) => [platform, join(of(left, platform), of(right, platform))] as const)
      .sort(byName)
  )

export const add = (left: Minutes, right: Minutes): Minutes => combine(left, right, (a, b) => a + b)

/** Of each platform the larger. */
export const larger = (left: Minutes, right: Minutes): Minutes => combine(left, right, Math.max)

/** Nothing below zero. */
export const atLeastNone = (minutes: Minutes): Minutes => combine(minutes, none, (count) => Math.max(0, count))

/** Left less right, never below zero: a correction takes back what was counted and no more. */
export const subtract = (left: Minutes, right: Minutes): Minutes => combine(left, right, (a, b) => Math.max(0, a - b))

/** `left + actual - assumed`, never below zero. */
export const correct = (left: Minutes, assumed: Minutes, actual: Minutes): Minutes =>
  subtract(add(left, actual), assumed)

export const isNone = (minutes: Minutes): boolean => Object.values(minutes).every((count) => count === 0)

/** `macos 20, linux 60` for people; `no minutes` where there are none. */
export const print = (minutes: Minutes): string =>
  isNone(minutes)
    ? "no minutes"
    : Object.entries(minutes)
        .filter(([, count]) => count !== 0)
        .map(([platform, count]) => `${platform} ${count}`)
        .join(", ")

/** A job's minutes as the forges bill them: every started minute is one. */
export const roundUp = (minutes: number): number => Math.ceil(minutes)
