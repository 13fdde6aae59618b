/** Where reports wait while the metrics store is away. It is bounded, and survives whatever happens to the process. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { RunReport } from "../sli/RunReport.ts"

/** A report that waits, or what is wrong with what waits in its place. */
export interface Waiting {
  /** Names the entry in this spool; for people too. */
  readonly id: string
  readonly report: Result.Result<RunReport, string>
}

/** An entry that can never be handed in, and why. */
export interface SetAside {
  readonly id: string
  readonly reason: string
}

export class Spool extends Context.Service<
  Spool,
  {
    /** For people: `batchbrake/spool`. */
    readonly name: string
    /** Keeps a report, whole or not at all; the same one twice is one entry. */
    readonly add: (report: RunReport) => Effect.Effect<void, SpoolUnusable>
    /** Some entries after an ID in the order of their IDs, all from the first where none is given; empty when none is left. */
    readonly waiting: (after: string | undefined) => Effect.Effect<ReadonlyArray<Waiting>, SpoolUnusable>
    /** Removes entries; one that another has removed already is no fault. */
    readonly remove: (ids: ReadonlyArray<string>) => Effect.Effect<void, SpoolUnusable>
    /**
     * Takes entries out of the way and keeps them, with their reasons, for a person to look at; what is kept so is bounded
     * as the spool is. Answers how many of the oldest had to go for that.
     */
    readonly setAside: (entries: ReadonlyArray<SetAside>) => Effect.Effect<number, SpoolUnusable>
    /** How many entries wait. */
    readonly count: Effect.Effect<number, SpoolUnusable>
  }
>()("@batchbrake/core/port/Spool") {}

/** The spool is full, or cannot be read or written. What was to be kept is not. */
export class SpoolUnusable extends Schema.TaggedError<SpoolUnusable>("@batchbrake/core/SpoolUnusable")(
  "SpoolUnusable",
  {
    spool: Schema.String,
    detail: Schema.String,
    cause: Schema.optional(Schema.Defect())
  }
) {
  override get message() {
    return `${this.spool} cannot be used: ${this.detail}`
  }
}
