/** The ways in which a program ends without doing what it was asked. One class a reaction of the caller. */
import * as Schema from "effect/Schema"

const FaultShape = Schema.Struct({ path: Schema.String, found: Schema.String, expected: Schema.String })

/** The control file, or something beside it on the control branch, cannot be read. Everything holds; nothing is written over it. */
export class ControlUnreadable extends Schema.TaggedError<ControlUnreadable>("@batchbrake/core/ControlUnreadable")(
  "ControlUnreadable",
  { store: Schema.String, file: Schema.String, faults: Schema.Array(FaultShape) }
) {
  override get message() {
    const faults = this.faults.map(
      ({ expected, found, path }) => `${path === "" ? "" : `${path}: `}found ${found}, expected ${expected}`
    )
    return `${this.file} on ${this.store} cannot be read: ${faults.join("; ")}; correct it there, or revert the commit that broke it`
  }
}

/** Somebody loosened the control file by hand. Everything holds; nothing is written over it until someone stands for it. */
export class UnexplainedEdit extends Schema.TaggedError<UnexplainedEdit>("@batchbrake/core/UnexplainedEdit")(
  "UnexplainedEdit",
  { store: Schema.String, paths: Schema.Array(Schema.String) }
) {
  override get message() {
    return (
      `batch-control.json on ${this.store} was loosened by hand (${this.paths.join(", ")}) and everything is on hold: ` +
      "revert that edit, or record it with `batchbrake audit --adopt --reason R`, or close the breaker with `batchbrake reset E --reason R`"
    )
  }
}

/** The event cannot be applied. Nothing was written. */
export class EventRejected extends Schema.TaggedError<EventRejected>("@batchbrake/core/EventRejected")(
  "EventRejected",
  {
    code: Schema.String,
    detail: Schema.String
  }
) {
  override get message() {
    return this.detail
  }
}

/**
 * Other writers were faster, or the store out of reach, until the time was up. With `uncertain` the answer to a write
 * was lost as well: asking again is safe where the events are `repeatable`, a run's, and otherwise one has to look first.
 */
export class GaveUp extends Schema.TaggedError<GaveUp>("@batchbrake/core/GaveUp")("GaveUp", {
  store: Schema.String,
  attempts: Schema.Int,
  seconds: Schema.Number,
  uncertain: Schema.Boolean,
  /** Whether the same command makes the same events, which are applied once however often they come. */
  repeatable: Schema.Boolean,
  detail: Schema.String
}) {
  override get message() {
    return (
      `gave up on ${this.store} after ${this.attempts} attempts in ${this.seconds} s (${this.detail}): ` +
      (this.uncertain
        ? `whether it was written is not known; ${this.repeatable ? "run the same command again, it is applied once" : "look at `batchbrake status` before you run the command again"}`
        : "nothing was written; run the same command again")
    )
  }
}
