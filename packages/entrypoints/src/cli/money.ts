import * as Price from "@batchbrake/core/sli/Price"
import { formatDate } from "@batchbrake/core/time/Instant"

/** `$0.99 at the prices of 2026-01-01`, and what has no price. */
export const moneyText = (cost: Price.Cost): string =>
  `${Price.print(cost)} at the prices of ${formatDate(cost.prices.from)}` +
  (cost.unpriced.length === 0 ? "" : ` (${cost.unpriced.join(", ")}: no price known)`)
