/**
 * What minutes cost. Prices change, so the table is dated; it is for reports, and no rule depends on it. What a plan
 * includes for nothing, or a public repository does not pay, is not taken off: this is what the minutes are listed at.
 *
 * Source: GitHub, "Actions runner pricing" (https://docs.github.com/en/billing/reference/actions-runner-pricing), standard
 * runners: Linux 2-core, Windows 2-core, macOS with 3 or 4 cores; prices in US dollars a minute until and from 2026-01-01.
 */
import type { Minutes } from "../budget/Minutes.ts"
import { EARLIEST, type EpochMillis, formatDate, parse } from "../time/Instant.ts"
import type { Stretch } from "./WholeDays.ts"

export const SOURCE = "https://docs.github.com/en/billing/reference/actions-runner-pricing"

/** Prices that held from an instant on, in thousandths of a dollar a minute, so that sums are exact. */
export interface Prices {
  readonly from: EpochMillis
  readonly thousandths: Readonly<Record<string, number>>
}

/** Newest first. Of the oldest prices the source tells the end and no beginning. */
export const TABLE: ReadonlyArray<Prices> = [
  { from: parse("2026-01-01") ?? 0, thousandths: { linux: 6, macos: 62, windows: 10 } },
  { from: EARLIEST, thousandths: { linux: 8, macos: 80, windows: 16 } }
]

/** The prices at an instant. */
export const at = (instant: EpochMillis): Prices =>
  TABLE.find(({ from }) => from <= instant) ?? { from: EARLIEST, thousandths: {} }

/** For people: the day that prices hold from; the oldest ones by the day that they held until. */
export const name = ({ from }: Prices): string => {
  const next = TABLE.at(-2)
  return from === EARLIEST && next !== undefined ? `before ${formatDate(next.from)}` : `of ${formatDate(from)}`
}

/** A span cut where prices change, oldest part first: each part has the prices of its beginning. */
export const cut = ({ from, until }: Stretch): ReadonlyArray<Stretch> => {
  const edges = TABLE.map((prices) => prices.from).filter((edge) => edge > from && edge < until)
  const starts = [from, ...edges.reverse()]
  return starts.map((start, place) => ({ from: start, until: starts[place + 1] ?? until }))
}

export interface Cost {
  readonly dollars: number
  /** Platforms that have minutes and no price: their minutes are not in the sum. */
  readonly unpriced: ReadonlyArray<string>
  /** Newest first; several where the minutes are of days with different prices. */
  readonly prices: readonly [Prices, ...ReadonlyArray<Prices>]
}

/** What whole minutes come to at the prices of an instant. */
export const costOf = (minutes: Minutes, instant: EpochMillis): Cost => {
  const prices = at(instant)
  const priceOf = (platform: string): number | undefined =>
    Object.hasOwn(prices.thousandths, platform) ? prices.thousandths[platform] : undefined
  const used = Object.entries(minutes).filter(([, count]) => count !== 0)
  const thousandths = used.reduce((sum, [platform, count]) => sum + count * (priceOf(platform) ?? 0), 0)
  return {
    dollars: thousandths / 1000,
    prices: [prices],
    unpriced: used.flatMap(([platform]) => (priceOf(platform) === undefined ? [platform] : [])).sort()
  }
}

/** Costs together: minutes of different days, each at the prices of its own. Without any, nothing at an instant's prices. */
export const sum = (costs: ReadonlyArray<Cost>, instant: EpochMillis): Cost => {
  const costly = costs.filter(({ dollars, unpriced }) => dollars !== 0 || unpriced.length > 0)
  const [newest, ...older] = TABLE.filter(({ from }) =>
    costly.some(({ prices }) => prices.some((each) => each.from === from))
  )
  return {
    dollars: Math.round(costly.reduce((all, { dollars }) => all + dollars, 0) * 1000) / 1000,
    prices: newest === undefined ? [at(instant)] : [newest, ...older],
    unpriced: [...new Set(costly.flatMap(({ unpriced }) => unpriced))].sort()
  }
}

/** `$1.24`; three decimals where cents would round a price away. */
export const print = ({ dollars }: Cost): string => `$${dollars.toFixed(Math.round(dollars * 1000) % 10 === 0 ? 2 : 3)}`
