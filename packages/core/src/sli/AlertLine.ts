/** An alert as it is written down: in the book of alerts, and in the mark of its issue. */
import * as Schema from "effect/Schema"
import type { Alert } from "./Alert.ts"
import { CONDITIONS } from "./Signal.ts"

export const AlertLine = Schema.Struct({
  condition: Schema.Literals(CONDITIONS),
  subject: Schema.String,
  severity: Schema.Literals(["critical", "warning", "info"]),
  incident: Schema.Literals(["critical", "high", "medium", "low"]),
  message: Schema.String,
  opened_at: Schema.Int,
  updated_at: Schema.Int,
  frozen_since: Schema.optionalKey(Schema.Int)
})
type AlertLine = typeof AlertLine.Type

export const encode = ({ frozenSince, openedAt, updatedAt, ...same }: Alert): AlertLine => ({
  ...same,
  opened_at: openedAt,
  updated_at: updatedAt,
  ...(frozenSince === undefined ? {} : { frozen_since: frozenSince })
})

export const decode = ({ frozen_since, opened_at, updated_at, ...same }: AlertLine): Alert => ({
  ...same,
  frozenSince: frozen_since,
  openedAt: opened_at,
  updatedAt: updated_at
})
