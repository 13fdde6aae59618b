/** A policy, a state that a file can hold, and an instant: what most properties of reducer and gate begin with. */
import type { Control } from "@batchbrake/core/control/Control"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import type { Request } from "@batchbrake/core/control/Decision"
import * as Identity from "@batchbrake/core/control/Identity"
import type { Policy } from "@batchbrake/core/policy/Policy"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import * as HashMap from "effect/HashMap"
import * as fc from "fast-check"

export interface World {
  readonly policy: Policy
  readonly control: Control
  readonly now: number
  readonly ecosystems: ReadonlyArray<string>
}

export const namesOf = (policy: Policy): ReadonlyArray<string> => Object.keys(policy.ecosystems)

export const world: fc.Arbitrary<World> = fc
  .tuple(PolicyArbitrary.policy, InstantArbitrary.ofEvent)
  .chain(([policy, now]) =>
    ControlArbitrary.control(namesOf(policy), now).map((control) => ({
      control,
      ecosystems: namesOf(policy),
      now,
      policy
    }))
  )

/** A world, and things made for it. */
export const worldWith = <A>(make: (world: World) => fc.Arbitrary<A>): fc.Arbitrary<readonly [World, A]> =>
  world.chain((made) => make(made).map((more) => [made, more] as const))

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
