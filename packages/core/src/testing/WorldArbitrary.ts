/** A policy, a state of the control file, and an instant: what most properties of reducer and gate begin with. */
import * as HashMap from "effect/HashMap"
import type * as fc from "fast-check"
import type { Control } from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import type { Request } from "../control/Decision.ts"
import type { Policy } from "../policy/Policy.ts"
import * as ControlArbitrary from "./ControlArbitrary.ts"
import * as InstantArbitrary from "./InstantArbitrary.ts"
import * as PolicyArbitrary from "./PolicyArbitrary.ts"

export interface World {
  readonly policy: Policy
  readonly control: Control
  readonly now: number
  readonly ecosystems: ReadonlyArray<string>
  /** The events that led here from an empty control file; `undefined` for a state that was made up. */
  readonly past: ReadonlyArray<ControlEvent> | undefined
}

export const namesOf = (policy: Policy): ReadonlyArray<string> => Object.keys(policy.ecosystems)

/** Any state that a control file can hold under a policy, also ones that no event leads to: a file may be imported. */
export const readable = (policy: Policy): fc.Arbitrary<World> =>
  InstantArbitrary.ofEvent.chain((now) =>
    ControlArbitrary.control(namesOf(policy), now).map((control) => ({
      control,
      ecosystems: namesOf(policy),
      now,
      past: undefined,
      policy
    }))
  )

/** Any policy, and any state under it. */
export const world: fc.Arbitrary<World> = PolicyArbitrary.policy.chain(readable)

/** A world, and things made for it. */
export const worldWith = <A>(
  make: (world: World) => fc.Arbitrary<A>,
  worlds: fc.Arbitrary<World> = world
): fc.Arbitrary<readonly [World, A]> => worlds.chain((made) => make(made).map((more) => [made, more] as const))

/** A question to the gate; with a run key, a claim. */
export const ask = (ecosystem: string, runKey?: string): Request => ({
  author: "ci",
  batch: undefined,
  candidates: ["recipes/a.rb", "recipes/b.rb"],
  claim: runKey !== undefined,
  ecosystem,
  runKey
})

/** Everything of a state that can be told apart: the text of the file, and the ledger in one order. */
export const printed = ({ file, ledger }: Control): string =>
  ControlCodec.encode(file) +
  [...HashMap.values(ledger.identities)]
    .map((identity) => JSON.stringify(identity))
    .sort()
    .join("\n") +
  JSON.stringify([...HashMap.toEntries(ledger.newest)].sort(([left], [right]) => (left < right ? -1 : 1)))
