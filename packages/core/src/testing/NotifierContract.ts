/** What every notifier promises, as checks that any test framework can run: each needs an other side of its own. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../json/Json.ts"
import type { NotDelivered, Notifier } from "../port/Notifier.ts"
import type { Change } from "../sli/Alert.ts"
import * as AlertJson from "../sli/AlertJson.ts"
import { type ContractBroken, failsWith, isTrue, same } from "./Contract.ts"

/** One thing that the other side heard. */
export interface Heard {
  readonly id: string
  /** As `AlertJson.change` has it. */
  readonly change: JsonObject
}

/** A notifier, and who listens on the other side of it. */
export interface NotifierWorld {
  readonly notifier: Notifier["Service"]
  /** Everything that was taken, in order. */
  readonly heard: () => ReadonlyArray<Heard>
  /** From now on the other side takes nothing, or takes things again. */
  readonly refuse: (refuses: boolean) => void
}

export interface NotifierCheck {
  /** A sentence that is true of every notifier. */
  readonly name: string
  readonly run: (world: NotifierWorld) => Effect.Effect<void, ContractBroken | NotDelivered>
}

const AT = 1_795_413_600_000

const change = (transition: Change["transition"], message: string): Change => ({
  alert: {
    condition: "hand-edit",
    frozenSince: undefined,
    incident: "critical",
    message,
    openedAt: AT,
    severity: "critical",
    subject: "batch-control.json",
    updatedAt: AT
  },
  at: AT,
  transition
})

const check = (
  name: string,
  body: (world: NotifierWorld) => Generator<Effect.Effect<unknown, ContractBroken | NotDelivered>, void>
): NotifierCheck => ({ name, run: (world) => Effect.gen(() => body(world)) })

export const notifierContract: ReadonlyArray<NotifierCheck> = [
  check("What is told is heard once, under its ID, in order", function* ({ heard, notifier }) {
    const [opened, resolved] = [change("opened", "loosened at “budget”\n"), change("resolved", "")]
    yield* notifier.tell("one", opened)
    yield* notifier.tell("two", resolved)
    yield* same("what was heard", heard(), [
      { change: AlertJson.change(opened), id: "one" },
      { change: AlertJson.change(resolved), id: "two" }
    ])
  }),
  check("What is told twice is heard under one ID", function* ({ heard, notifier }) {
    yield* notifier.tell("one", change("opened", "again"))
    yield* notifier.tell("one", change("opened", "again"))
    yield* isTrue(
      "every hearing has the ID",
      heard().every(({ id }) => id === "one")
    )
  }),
  check("What is not taken fails as not delivered, and may be told again later", function* (world) {
    const { heard, notifier, refuse } = world
    refuse(true)
    const telling = notifier.tell("one", change("opened", "late"))
    yield* failsWith("telling", telling, "NotDelivered")
    const heardAfterAll = yield* Effect.match(telling, {
      onFailure: (failure) => failure.mayBeHeard,
      onSuccess: () => true
    })
    yield* isTrue("a refusal says that nobody heard it", !heardAfterAll)
    yield* same("what was heard", heard(), [])
    refuse(false)
    yield* notifier.tell("one", change("opened", "late"))
    yield* same("how much was heard", heard().length, 1)
  })
]
