/**
 * Labels. GitHub leaves out, without a word, a label that is not there when the token of an App opens an issue with it, and
 * a workflow's own token is one: https://github.com/octokit/rest.js/issues/479. So it is made before it is used.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import type { ForgeFailure } from "./classify.ts"
import { reading, writing } from "./Operation.ts"

const LOOK = reading("look for a label", "issues: read")
const MAKE = writing("make a label", "issues: write")

const Label = Schema.Struct({ name: Schema.String })

const COLOUR = "b60205"

const isReason = (failure: ForgeFailure, reason: string): boolean =>
  failure._tag === "ForgeRefused" && failure.reason === reason

/** `issues: read` */
const look = (client: Client, name: string) =>
  client.send(LOOK, {
    answer: Label,
    isRepeatable: true,
    parameters: { name },
    route: "GET /repos/{owner}/{repo}/labels/{name}"
  })

/** `issues: write`. One that somebody else made meanwhile is refused, and there. */
const make = (client: Client, name: string) =>
  client
    .send(MAKE, {
      answer: Label,
      isRepeatable: true,
      parameters: { color: COLOUR, description: "kept by batchbrake", name },
      route: "POST /repos/{owner}/{repo}/labels"
    })
    .pipe(
      Effect.catch((failure) =>
        isReason(failure, "invalid") ? Effect.mapError(look(client, name), () => failure) : Effect.fail(failure)
      )
    )

/** Sees to it that a label is there; one that is stays as it is. */
export const ensureLabel = (client: Client, name: string): Effect.Effect<void, ForgeFailure> =>
  look(client, name).pipe(
    Effect.catch((failure) => (isReason(failure, "missing") ? make(client, name) : Effect.fail(failure))),
    Effect.asVoid
  )
