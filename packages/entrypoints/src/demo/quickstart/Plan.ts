/** The story that the quick start plays: six ecosystems, two workers, one week's minutes that are too few. */
import type { JsonObject } from "@batchbrake/core/json/Json"
import { DAY, type EpochMillis, MINUTE, WEEK } from "@batchbrake/core/time/Instant"

/** Each worker has a clone of its own, and half of the ecosystems. */
export const WORKERS = {
  amsel: ["crates.io", "npm", "rubygems"],
  birke: ["cask", "homebrew", "pypi"]
} as const

export const ECOSYSTEMS: ReadonlyArray<string> = Object.values(WORKERS).flat().sort()

/** What every ecosystem packages, invented. */
export const RECIPES = ["amber", "quartz", "cobalt", "basalt", "garnet", "mica"] as const

/** The ecosystem that collapses, and the hours in which what its upstream serves is cut short. */
export const COLLAPSING = "npm"
const DAMAGED = { from: 3, until: 6 }
/** The one recipe whose published checksum is of another file, so that it can never pass. */
export const HOPELESS = "quartz"

/** In this hour an operator has everything paused. */
export const PAUSED_HOUR = 12
export const LAST_HOUR = 17
/** When results are reported, after the claim. */
export const WORK_MILLIS = 10 * MINUTE

export const POLICY: JsonObject = {
  version: 1,
  content: ["recipes/**"],
  content_branch: "main",
  control_branch: "batch-control",
  ecosystems: Object.fromEntries(ECOSYSTEMS.map((name) => [name, {}])),
  breaker: { cool_down_cap_minutes: 240, cool_down_minutes: 60, cool_down_multiplier: 1.5, window: 10 },
  budget: { caps: { linux: 484, macos: 480 }, reserve: { linux: 2, macos: 2 } },
  sampling: { rates: { macos: 0.25 }, seed: "quickstart" },
  batch_size: 6,
  lease_minutes: 50
}

/** 1970-01-01 was a Thursday; this is the Monday after it. */
const A_MONDAY = 4 * DAY

/** The newest Monday, 00:00 UTC, that has a whole week after it: a remote refuses times ahead of the clock. */
export const startBefore = (now: EpochMillis): EpochMillis =>
  A_MONDAY + (Math.floor((now - A_MONDAY) / WEEK) - 1) * WEEK

/** Every hour in which the workers run. */
export const HOURS: ReadonlyArray<number> = [...Array(LAST_HOUR + 1).keys()]

/** Whether upstream serves damaged payloads of an ecosystem in an hour. */
export const isDamaged = (ecosystem: string, hour: number): boolean =>
  ecosystem === COLLAPSING && hour >= DAMAGED.from && hour < DAMAGED.until
