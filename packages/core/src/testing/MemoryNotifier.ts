/** The notifier's in-memory twin: the other side is a list. It keeps the contract of NotifierContract.ts. */
import * as Effect from "effect/Effect"
import { NotDelivered } from "../port/Notifier.ts"
import * as AlertJson from "../sli/AlertJson.ts"
import type { Heard, NotifierWorld } from "./NotifierContract.ts"

const NAME = "a notifier in memory"

/** A notifier to whom everybody listens, until they refuse. */
export const make = (): NotifierWorld => {
  const heard: Array<Heard> = []
  let refuses = false
  return {
    heard: () => [...heard],
    notifier: {
      name: NAME,
      tell: (id, change) =>
        Effect.suspend(() => {
          if (refuses)
            return Effect.fail(new NotDelivered({ detail: "nobody listens", mayBeHeard: false, notifier: NAME }))
          heard.push({ change: AlertJson.change(change), id })
          return Effect.void
        })
    },
    refuse: (next) => {
      refuses = next
    }
  }
}
