import * as Price from "@batchbrake/core/sli/Price"

/** `$0.99 at the prices of 2026-01-01`, each day's own where they changed, and what has no price. */
export const moneyText = (cost: Price.Cost): string =>
  `${Price.print(cost)} at the prices ${[...cost.prices].reverse().map(Price.name).join(" and ")}` +
  (cost.unpriced.length === 0 ? "" : ` (${cost.unpriced.join(", ")}: no price known)`)
