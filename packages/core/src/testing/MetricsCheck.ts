/** One promise of every metrics store: see MetricsStoreContract.ts. */
import * as Effect from "effect/Effect"
import { type MetricsRefused, MetricsStore, type MetricsUnavailable, type RunUnusable } from "../port/MetricsStore.ts"
import type { ContractBroken } from "./Contract.ts"

type MetricsError = RunUnusable | MetricsUnavailable | MetricsRefused
type Store = MetricsStore["Service"]

export interface MetricsCheck {
  /** A sentence that is true of every metrics store. */
  readonly name: string
  readonly run: Effect.Effect<void, ContractBroken | MetricsError, MetricsStore>
}

/** A check by its sentence. */
export const check = (
  name: string,
  body: (store: Store) => Generator<Effect.Effect<unknown, ContractBroken | MetricsError>, void>
): MetricsCheck => ({ name, run: Effect.flatMap(MetricsStore, (store) => Effect.gen(() => body(store))) })
