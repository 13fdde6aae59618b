/** How much a step may be told to do. */
import * as Result from "effect/Result"
import { type InputFault, type Inputs, valueOf } from "./Input.ts"

/** What somebody may start by pressing a button; the schedule has the rest. */
export const MOST_BY_HAND = 5

/**
 * The input `limit` as a number. What is started by hand is held to one ecosystem and a few recipes here, and not by the
 * form alone: a form can be filled in by a program.
 */
export const boundsOf = (inputs: Inputs): Result.Result<number | undefined, ReadonlyArray<InputFault>> => {
  const stated = valueOf(inputs, "limit")
  if (stated !== undefined && !/^[1-9]\d{0,5}$/.test(stated)) {
    return Result.fail([{ input: "limit", message: `found ${JSON.stringify(stated)}, expected a whole number from 1` }])
  }
  const limit = stated === undefined ? undefined : Number(stated)
  if (!inputs.has("by-hand")) return Result.succeed(limit)
  const named = inputs.get("ecosystems") ?? []
  const faults: ReadonlyArray<InputFault> = [
    ...(named.length === 1
      ? []
      : [{ input: "ecosystems" as const, message: `names ${named.length}: a start by hand is for exactly one` }]),
    ...(limit !== undefined && limit <= MOST_BY_HAND
      ? []
      : [{ input: "limit" as const, message: `expected a whole number from 1 to ${MOST_BY_HAND} for a start by hand` }])
  ]
  return faults.length > 0 ? Result.fail(faults) : Result.succeed(limit)
}
