import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Archive from "../batch/Archive.ts"
import * as Manifest from "../batch/Manifest.ts"
import type { Refusal } from "../batch/Refusal.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import { commitEvents } from "./commitEvents.ts"
import { ORDINARY } from "./Order.ts"
import type { Origin } from "./operate.ts"
import { asRejection } from "./refuse.ts"

/** A batch after an order, and whether the order changed it. */
export interface Changed {
  readonly manifest: Manifest.Manifest
  readonly applied: boolean
}

/** One step in the life of a batch that is there. */
export interface BatchStep {
  readonly id: string
  /** The next manifest; the very same one where there is nothing to do. Asked again on every attempt. */
  readonly next: (manifest: Manifest.Manifest) => Result.Result<Manifest.Manifest, Refusal>
  readonly event: (digest: string) => ControlEvent
  readonly subject: string
}

/** Writes one step: the manifest, the ledger of its day and the event in one commit. Nothing where nothing changes. */
export const changeBatch = Effect.fn("changeBatch")(function* (
  origin: Origin,
  { event, id, next, subject }: BatchStep
) {
  const { at, nonce } = origin
  const { answer, outcomes } = yield* commitEvents<Changed>({
    ...origin,
    draft: ({ snapshot: { files } }) =>
      asRejection(
        Result.flatMap(Archive.manifestIn(files, id), (before) =>
          Result.map(next(before), (manifest) => {
            if (manifest === before) return { answer: { applied: false, manifest }, events: [] }
            const made = event(Manifest.digestOf(Manifest.encode(manifest)))
            return {
              answer: { applied: true, manifest },
              events: [made],
              files: Archive.changes(files, [{ at, event: made._tag, manifest, nonce }])
            }
          })
        )
      ),
    ecosystems: [],
    files: Archive.filesOf(id),
    patience: ORDINARY,
    subject: () => subject
  })
  const changed: Changed = { ...answer, applied: answer.applied && outcomes.every(({ applied }) => applied) }
  return changed
})
