/** One promise of a forge, as a check, and what a check needs beside the forge. All of them: ForgeContract.ts. */
import * as Effect from "effect/Effect"
import { type Check, Forge, type ForgeLimited, type ForgeRefused, type ForgeUnavailable } from "../port/Forge.ts"
import type { ContractBroken } from "./Contract.ts"

export interface ForgeBench {
  /** Puts one more commit on a branch, which begins at `main` where there is none of that name; answers the commit. */
  readonly push: (branch: string) => Effect.Effect<string>
  /** Closes a pull request unmerged, as a person does. */
  readonly close: (pullRequest: number) => Effect.Effect<void>
  /** Every check on a commit, in any order. */
  readonly checks: (commit: string) => Effect.Effect<ReadonlyArray<Pick<Check, "name" | "verdict">>>
}

type ForgeError = ForgeUnavailable | ForgeLimited | ForgeRefused
type Step = Effect.Effect<unknown, ContractBroken | ForgeError>

export interface ForgeCheck {
  /** A sentence that is true of every forge. */
  readonly name: string
  readonly run: (bench: ForgeBench) => Effect.Effect<void, ContractBroken | ForgeError, Forge>
}

/** A check by its sentence and what it does. */
export const check = (
  name: string,
  body: (forge: Forge["Service"], bench: ForgeBench) => Generator<Step, void>
): ForgeCheck => ({ name, run: (bench) => Effect.flatMap(Forge, (forge) => Effect.gen(() => body(forge, bench))) })
