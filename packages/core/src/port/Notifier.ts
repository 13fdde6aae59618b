/** Tells people about alerts, somewhere outside: a chat, a pager, an issue. Nothing depends on whether it worked. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Change } from "../sli/Alert.ts"

export class Notifier extends Context.Service<
  Notifier,
  {
    /** For people, without anything secret: `webhook at alerts.example.com`. */
    readonly name: string
    /**
     * Tells one change. `id` identifies it: the same change told again, because an answer was lost, has the same one, by
     * which the other side can tell. Bounded in time; after it has failed the change may have been heard, unless it says
     * that it was refused.
     */
    readonly tell: (id: string, change: Change) => Effect.Effect<void, NotDelivered>
  }
>()("@batchbrake/core/port/Notifier") {}

/** The other side did not take it. The change is kept, and told with the next look. */
export class NotDelivered extends Schema.TaggedError<NotDelivered>("@batchbrake/core/NotDelivered")("NotDelivered", {
  notifier: Schema.String,
  /** What went wrong, in one line, without secrets. */
  detail: Schema.String,
  /** Only a definite refusal is false: an answer that came late, broken or not at all may be to what was heard. */
  mayBeHeard: Schema.Boolean
}) {
  override get message() {
    return `${this.notifier} did not take it: ${this.detail}`
  }
}
