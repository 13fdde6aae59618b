/** The laws, in the order in which they are checked. */
import { explained, granted, retrying } from "./decisions.ts"
import { pausedHolds, unknownHolds } from "./doors.ts"
import { edges, resetting } from "./edges.ts"
import { fenced, oneProbe, vacuous } from "./fences.ts"
import type { Law } from "./Law.ts"
import { limited, limitedGrant } from "./limits.ts"
import { live } from "./live.ts"
import { overshoot, pauseLine } from "./minutes.ts"
import { monotoneRun, monotoneState } from "./monotone.ts"
import { commutingClaims, commutingReports, skewed } from "./order.ts"
import { determinate, idempotent, rejecting, rereading } from "./outcomes.ts"
import { replay, roundTrip } from "./records.ts"

export const LAWS: ReadonlyArray<Law> = [
  determinate,
  rejecting,
  idempotent,
  rereading,
  commutingReports,
  commutingClaims,
  skewed,
  edges,
  resetting,
  oneProbe,
  fenced,
  vacuous,
  monotoneState,
  monotoneRun,
  live,
  pauseLine,
  overshoot,
  unknownHolds,
  pausedHolds,
  explained,
  granted,
  retrying,
  limited,
  limitedGrant,
  roundTrip,
  replay
]
