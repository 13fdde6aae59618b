import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Archive from "../batch/Archive.ts"
import * as BatchId from "../batch/BatchId.ts"
import * as Lifecycle from "../batch/Lifecycle.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import type { Of } from "../control/ControlEvent.ts"
import { shortName } from "../control/plainLine.ts"
import { ecosystemOf } from "../policy/Policy.ts"
import { commitEvents } from "./commitEvents.ts"
import { ORDINARY } from "./Order.ts"
import type { Origin } from "./operate.ts"
import { asRejection, refused } from "./refuse.ts"

/**
 * Gives out the next ID of the day and begins a manifest under it. Of any number of openings at once each gets an ID of
 * its own, and no number of the day is left out. Fails for an ecosystem that the policy does not know, and for none.
 */
export const openBatch = Effect.fn("openBatch")(function* (origin: Origin, ecosystems: ReadonlyArray<string>) {
  const { at, author, nonce, policy } = origin
  const unknown = ecosystems.filter((name) => ecosystemOf(policy, name) === undefined)
  if (unknown.length > 0 || ecosystems.length === 0) {
    const known = Object.keys(policy.ecosystems).join(", ") || "none"
    const what =
      unknown.length > 0
        ? `the policy does not know ${unknown.map(shortName).join(", ")}`
        : "a batch needs an ecosystem"
    return yield* refused(refusal("no-ecosystem", `${what}; it knows: ${known}`))
  }
  const date = Archive.dateAt(at)
  const { answer } = yield* commitEvents<Manifest.Manifest>({
    ...origin,
    draft: ({ snapshot: { files } }) =>
      asRejection(
        Result.map(
          Result.flatMap(Archive.aliasesOf(files), (aliases) => Archive.allocate(files, aliases, date, 1)),
          ([id = BatchId.format({ date, number: 1 })]) => {
            const manifest = Lifecycle.opened({ at, by: author, ecosystems, id })
            const event: Of<"BatchOpened"> = {
              _tag: "BatchOpened",
              at,
              author,
              batch: id,
              digest: Manifest.digestOf(Manifest.encode(manifest)),
              ecosystems: manifest.ecosystems
            }
            const written = Archive.changes(files, [{ at, event: event._tag, manifest, nonce }])
            return { answer: manifest, events: [event], files: written }
          }
        )
      ),
    ecosystems: [],
    files: Archive.filesOf(BatchId.format({ date, number: 1 })),
    patience: ORDINARY,
    subject: (_outcomes, { id }) => `batch ${id} opened: ${ecosystems.join(", ")}`,
    trees: [Manifest.directoryOf(date)]
  })
  return answer
})
