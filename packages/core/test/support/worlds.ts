import type { Control } from "@batchbrake/core/control/Control"
import * as Identity from "@batchbrake/core/control/Identity"

/** A ledger that knows one claim more. */
export const withClaim = (control: Control, ecosystem: string, runKey: string, at: number): Control => ({
  ...control,
  ledger: Identity.add(control.ledger, {
    at,
    generation: 0,
    identity: `RunAdmitted ${ecosystem} ${runKey}`,
    nonce: "claim",
    payload: "0",
    scope: ecosystem
  })
})
