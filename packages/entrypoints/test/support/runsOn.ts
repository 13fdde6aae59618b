import { eventsOn, type Where } from "./ControlBranch.ts"
import type { Workshop } from "./Workshop.ts"

/** `ecosystem runKey` of every recorded run, as often as the log has it. */
export const runsOn = (workshop: Workshop, where: Where = "remote"): ReadonlyArray<string> =>
  eventsOn(workshop, where).flatMap(({ ecosystem, run_key, type }) =>
    type === "RunCompleted" ? [`${ecosystem} ${run_key}`] : []
  )
