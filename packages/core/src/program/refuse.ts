/** A batch's refusal on its two ways out: as a draft's rejection, and as a program's failure. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Refusal } from "../batch/Refusal.ts"
import { type Rejection, rejection } from "../control/Rejection.ts"
import { EventRejected } from "./Failure.ts"

export const refused = ({ code, message }: Pick<Rejection, "code" | "message">): EventRejected =>
  new EventRejected({ code, detail: message })

/** A draft that is refused ends the write with the same code and words. */
export const asRejection = <A>(result: Result.Result<A, Refusal>): Result.Result<A, Rejection> =>
  Result.mapError(result, ({ code, message }) => rejection(code, message))

/** The value, or the program's failure. */
export const orRefuse = <A>(result: Result.Result<A, Refusal>): Effect.Effect<A, EventRejected> =>
  Result.isSuccess(result) ? Effect.succeed(result.success) : Effect.fail(refused(result.failure))
