/** The workflows: a file in `workflow/` and a line here makes another one. */
import type { Plan } from "./Plan.ts"
import { alerts } from "./workflow/alerts.ts"
import { audit } from "./workflow/audit.ts"
import { batch } from "./workflow/batch.ts"
import { merged } from "./workflow/merged.ts"
import { policy } from "./workflow/policy.ts"
import { retention } from "./workflow/retention.ts"
import { rollback } from "./workflow/rollback.ts"
import { stop } from "./workflow/stop.ts"

/** The text of each, by the name of its file without `batchbrake-` and `.yml`. */
export const WORKFLOWS: Readonly<Record<string, (plan: Plan) => string>> = {
  alerts,
  audit,
  batch,
  merged,
  policy,
  retention,
  rollback,
  stop
}
