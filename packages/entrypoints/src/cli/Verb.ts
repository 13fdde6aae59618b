import type { JsonObject } from "@batchbrake/core/json/Json"
import type * as Effect from "effect/Effect"
import type { Failure, Reported } from "./Failure.ts"
import type { Given } from "./Given.ts"
import type { Accepted } from "./Option.ts"
import type { Line } from "./Page.ts"
import type { World } from "./World.ts"

/** What a verb has to say, in both languages. */
export interface Report {
  readonly json: JsonObject
  readonly text: ReadonlyArray<Line>
  readonly exitCode: number
}

/** A verb by its name, loaded only when it is used: every job pays for what is loaded at start. */
export interface Entry {
  readonly summary: string
  readonly load: () => Promise<Verb>
}

/** One verb of the command: its words, and what it does. */
export interface Verb extends Accepted {
  /** As it is typed after the verb: `[E…] --reason R`. */
  readonly usage: string
  readonly description: string
  readonly examples: ReadonlyArray<string>
  readonly run: (given: Given, world: World) => Effect.Effect<Report, Failure>
  /** Verbs of its own, typed right behind it: `batch open`. */
  readonly verbs?: Readonly<Record<string, Entry>>
  /** What a failure comes to, where a bare error would not do: the gate still holds every ecosystem. */
  readonly onFailure?: (given: Given, world: World, failure: Failure) => Effect.Effect<Reported>
}
