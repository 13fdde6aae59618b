/**
 * Consistent probability sampling after OpenTelemetry ("TraceState: Probability Sampling", rejection threshold T and
 * randomness R, 56 bits each): an item is kept when R >= T. R is taken from a SHA-256 over what the item is, so that
 * every machine gives the same answer, and an item kept at 10 % is kept at 20 %.
 */
import * as Glob from "effect/Glob"
import * as Sha256 from "../hash/Sha256.ts"
import type { SamplingPolicy } from "../policy/Policy.ts"

/** What is kept or not: one recipe on one platform in one batch. */
export interface Item {
  readonly batch: string
  readonly recipe: string
  readonly platform: string
}

const BITS = 56n
const RANGE = 1n << BITS
const HEX_DIGITS = 14

/** A finite number from 0 to 1 as the fraction that its shortest decimal text writes: 0.8 is exactly 4/5. */
const toRational = (rate: number): { readonly numerator: bigint; readonly denominator: bigint } => {
  const [mantissa = "0", exponent = "0"] = String(rate).split("e")
  const [whole = "0", decimals = ""] = mantissa.split(".")
  // Nothing from 0 to 1 is written with an exponent above zero.
  return { denominator: 10n ** BigInt(decimals.length - Number(exponent)), numerator: BigInt(whole + decimals) }
}

/**
 * The rejection threshold of a rate, 0 to 2^56: `2^56 · (1 − rate)`, to the nearest integer, computed exactly (in
 * double precision 0.8 comes out wrong). Only a rate of 0 rejects everything; the smallest others keep one in 2^56.
 */
export const threshold = (rate: number): bigint => {
  const { denominator, numerator } = toRational(rate)
  const kept = (2n * numerator * RANGE + denominator) / (2n * denominator)
  return rate > 0 && kept === 0n ? RANGE - 1n : RANGE - kept
}

/**
 * The `th` value of OpenTelemetry's tracestate: hexadecimal, trailing zeros left out; `0` keeps everything. The
 * threshold of a rate of 0 has none.
 */
export const formatThreshold = (value: bigint): string | undefined =>
  value >= RANGE ? undefined : value.toString(16).padStart(HEX_DIGITS, "0").replace(/0+$/, "") || "0"

/** The 56 bits of randomness of an item. */
export const randomness = (seed: string, item: Item): bigint =>
  BigInt(`0x${Sha256.hex(JSON.stringify([seed, item.batch, item.recipe, item.platform])).slice(0, HEX_DIGITS)}`)

/** How many items one kept item stands for: 1 / rate. A rate of 0 keeps none and has no count. */
export const adjustedCount = (rate: number): number => {
  const { denominator, numerator } = toRational(rate)
  return numerator === 0n ? 0 : Number(denominator) / Number(numerator)
}

/** The rate of an item: the first rule that matches it, else its platform's rate. */
export const rateOf = (policy: SamplingPolicy, item: Item, platformRate: number): number => {
  const rule = policy.rules.find(
    ({ match, platform }) =>
      (platform === undefined || platform === item.platform) && Glob.match(Glob.make(match, { dot: true }), item.recipe)
  )
  if (rule === undefined) return platformRate
  return rule.rate === "always" ? 1 : rule.rate === "never" ? 0 : rule.rate
}

/** Whether an item is validated, and how many it stands for. */
export const sample = (
  policy: SamplingPolicy,
  item: Item,
  platformRate: number
): { readonly keep: boolean; readonly weight: number } => {
  const rate = rateOf(policy, item, platformRate)
  const keep = randomness(policy.seed, item) >= threshold(rate)
  return { keep, weight: keep ? adjustedCount(rate) : 0 }
}
