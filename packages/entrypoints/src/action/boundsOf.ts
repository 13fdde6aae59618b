/** How much a step may be told to do. */
import { type InputFault, type Inputs, valueOf } from "./Input.ts"

/** What somebody may start by pressing a button; the schedule has the rest. */
export const MOST_BY_HAND = 5

/**
 * What is wrong with the input `limit`, which the grant then holds to. What is started by hand is held to one ecosystem
 * and a few recipes here, and not by the form alone: a form can be filled in by a program.
 */
export const boundsOf = (inputs: Inputs): ReadonlyArray<InputFault> => {
  const stated = valueOf(inputs, "limit")
  if (stated !== undefined && !/^[1-9]\d{0,5}$/.test(stated)) {
    return [{ input: "limit", message: `found ${JSON.stringify(stated)}, expected a whole number from 1` }]
  }
  if (!inputs.has("by-hand")) return []
  const named = inputs.get("ecosystems") ?? []
  return [
    ...(named.length === 1
      ? []
      : [{ input: "ecosystems" as const, message: `names ${named.length}: a start by hand is for exactly one` }]),
    ...(stated !== undefined && Number(stated) <= MOST_BY_HAND
      ? []
      : [{ input: "limit" as const, message: `expected a whole number from 1 to ${MOST_BY_HAND} for a start by hand` }])
  ]
}
