/** A control store on a network: it takes its time, fails, loses answers, and lands writes after it said that it did not know. */
import { type ControlStore, StoreUnavailable, VersionConflict } from "@batchbrake/core/port/ControlStore"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"

export interface Fate {
  readonly delayMillis: number
  readonly read: "answered" | "unreachable"
  readonly write: "answered" | "conflict" | "unreachable" | "landed unheard" | "lost unheard" | "lands later"
}

const often = <A>(usual: A, ...rare: ReadonlyArray<A>): fc.Arbitrary<A> =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: rare.length * 2 },
    { arbitrary: fc.constantFrom(...rare), weight: rare.length }
  )

export const fate: fc.Arbitrary<Fate> = fc.record({
  delayMillis: fc.integer({ max: 3000, min: 0 }),
  read: often<Fate["read"]>("answered", "unreachable"),
  write: often<Fate["write"]>("answered", "conflict", "unreachable", "landed unheard", "lost unheard", "lands later")
})

const calm: Fate = { delayMillis: 0, read: "answered", write: "answered" }

export const unavailable = (mayHaveLanded: boolean): StoreUnavailable =>
  new StoreUnavailable({ detail: "connection reset", mayHaveLanded, remedy: "try again", store: "test" })

/** The store under one fate after the other; once they are used up it is calm. */
export const make = (inner: ControlStore["Service"], fates: ReadonlyArray<Fate>): ControlStore["Service"] => {
  const rest = [...fates]
  const next = (): Effect.Effect<Fate> =>
    Effect.suspend(() => {
      const fate = rest.shift() ?? calm
      return Effect.as(Effect.sleep(Duration.millis(fate.delayMillis)), fate)
    })
  return {
    ...inner,
    commit: (expected, change) =>
      Effect.flatMap(next(), ({ delayMillis, write }) => {
        const land = inner.commit(expected, change)
        switch (write) {
          case "answered":
            return land
          case "conflict":
            return Effect.fail(new VersionConflict({ expected: expected ?? "no branch", store: "test" }))
          case "unreachable":
            return Effect.fail(unavailable(false))
          case "lost unheard":
            return Effect.fail(unavailable(true))
          case "landed unheard":
            return Effect.flatMap(Effect.result(land), () => Effect.fail(unavailable(true)))
          case "lands later":
            return Effect.flatMap(
              Effect.forkDetach(Effect.ignore(Effect.delay(land, Duration.millis(delayMillis)))),
              () => Effect.fail(unavailable(true))
            )
        }
      }),
    findBack: (from, accepts) => Effect.andThen(next(), inner.findBack(from, accepts)),
    read: (wanted) =>
      Effect.flatMap(next(), ({ read }) => (read === "answered" ? inner.read(wanted) : Effect.fail(unavailable(false))))
  }
}
