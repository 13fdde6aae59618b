import * as BatchJson from "../batch/BatchJson.ts"
import type { JsonObject } from "../json/Json.ts"
import type { RolledBack } from "./rollBack.ts"

/**
 * A rollback as the command prints it: `{ id, plan: [{ path, action, before, after, current, outcome, changed_by }],
 * branch, commit, verified, outcome, explanation, onto, resumed, later_batches: [{ id, paths }] }`.
 */
export const rollbackJson = ({ explanation, id, outcome, planned, proposed, verified }: RolledBack): JsonObject => ({
  id,
  plan: planned.steps.map((step) => BatchJson.step(step, planned.changedBy.get(step.path) ?? [])),
  branch: proposed?.branch ?? null,
  commit: proposed?.commit ?? null,
  verified,
  outcome,
  explanation,
  onto: proposed?.onto ?? planned.onto,
  resumed: proposed?.resumed ?? false,
  undoes: planned.target.undoes?.commit ?? null,
  later_batches: planned.laterBatches.map(({ id, paths }) => ({ id, paths }))
})
