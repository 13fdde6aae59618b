import type { OnChanged } from "@batchbrake/core/batch/RollbackPlan"
import { recordedRequest } from "@batchbrake/core/program/askForRollback"
import type { Origin } from "@batchbrake/core/program/operate"
import { type RollbackRequest, type RolledBack, rollBack } from "@batchbrake/core/program/rollBack"
import { rollbackJson } from "@batchbrake/core/program/rollbackJson"
import * as Effect from "effect/Effect"
import { namedBatch } from "../batches.ts"
import { contentOf } from "../content.ts"
import { EXIT, errorOf, InputUnusable } from "../Failure.ts"
import { type Given, refuse } from "../Given.ts"
import { reasonOption } from "../order.ts"
import { render } from "../Page.ts"
import { nextLine, nextLines, noteLines, outcomeLines, planLines } from "../rollbackPage.ts"
import { settingOfStop } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import { type Waiting, waitingIn } from "../Waiting.ts"
import type { World } from "../World.ts"

const WAYS: ReadonlyArray<OnChanged> = ["skip", "three-way", "force"]

const onChangedOf = Effect.fn("onChangedOf")(function* (given: Given) {
  const stated = given.text("on-changed") ?? "skip"
  const way = WAYS.find((one) => one === stated)
  return way ?? (yield* refuse(`--on-changed: found ${JSON.stringify(stated)}, expected one of ${WAYS.join(", ")}`))
})

const requestOf = Effect.fn("requestOf")(function* (given: Given, author: string) {
  for (const other of ["yes", "pr"]) {
    if (given.flag("dry-run") && given.flag(other)) return yield* refuse(`--dry-run and --${other} exclude each other`)
  }
  if (given.flag("local") && given.flag("pr")) return yield* refuse("--local has no forge: leave --pr out")
  const undo = given.flag("undo")
  const request: RollbackRequest = {
    dryRun: given.flag("dry-run"),
    name: yield* namedBatch(given, "rollback"),
    onChanged: yield* onChangedOf(given),
    reason: given.text("reason") ?? `${undo ? "put back" : "taken out"} by ${author}`,
    undo
  }
  return request
})

type Asked = "yes" | "no" | "nobody"

/** Shows the plan and asks. Where a log or a reader of JSON gets the answer nobody is there to say yes. */
const ask = (plan: RolledBack, given: Given, waiting: Waiting): Effect.Effect<Asked, InputUnusable> => {
  const { confirm, paper } = waiting.world
  if (confirm === undefined || given.flag("json")) return Effect.succeed("nobody")
  const shown = render(planLines(plan), paper)
  return Effect.tryPromise({
    catch: () => new InputUnusable({ code: "input-unreadable", message: "the answer cannot be read; give --yes" }),
    try: async (signal) => {
      const question = () => confirm(shown, "Make this one commit, on a branch of its own?", signal)
      return (await waiting.during(question)) ? "yes" : "no"
    }
  })
}

const AFTER: Readonly<Record<Asked, ReadonlyArray<string>>> = {
  no: ["nothing was done"],
  nobody: ["planned only, nothing was done: --yes does it"],
  yes: []
}

/** Plans, asks where somebody is there, and does exactly what was said yes to. */
const carryOut = Effect.fn("carryOut")(function* (
  origin: Origin,
  request: RollbackRequest,
  given: Given,
  waiting: Waiting
) {
  let asked: Asked | undefined
  const approve = (plan: RolledBack) =>
    given.flag("yes")
      ? Effect.succeed(true)
      : Effect.map(ask(plan, given, waiting), (answer) => {
          asked = answer
          return answer === "yes"
        })
  const done = yield* rollBack(origin, request, approve)
  const isShown = asked === "yes" || asked === "no"
  return { after: asked === undefined ? [] : AFTER[asked], before: isShown ? [] : planLines(done), done }
})

/** Who asks for the pull request, if that is wanted; all of the forge is loaded for it alone. */
const requesterOf = Effect.fn("requesterOf")(function* (given: Given, world: World, contentBranch: string | undefined) {
  if (!given.flag("pr")) return undefined
  const { prepareRequest } = yield* Effect.promise(() => import("../rollbackRequest.ts"))
  return yield* prepareRequest(given, world, contentBranch)
})

const run = Effect.fn("rollback")(function* (given: Given, world: World) {
  const { store, ...origin } = yield* settingOfStop(given, world)
  const request = yield* requestOf(given, origin.author)
  const { contentBranch } = origin.policy
  const ask = yield* requesterOf(given, world, contentBranch)
  const waiting = waitingIn(world)
  const content = contentOf(given, waiting.world, origin.policy)
  const { after, before, done } = yield* Effect.provide(carryOut(origin, request, given, waiting), content)
  const asked = ask === undefined ? undefined : yield* Effect.provide(ask(origin, done, request.reason), store)
  const isAsked = asked?.address !== undefined
  const known = recordedRequest(done)
  const next = isAsked
    ? undefined
    : nextLine(done, { contentBranch, isLocal: given.flag("local"), reason: request.reason })
  return {
    exitCode: asked?.failure === undefined ? EXIT.done : EXIT.unreachable,
    json: {
      ...rollbackJson(done),
      next: next ?? null,
      pull_request: asked?.address ?? known ?? null,
      ...(asked?.failure === undefined ? {} : { error: { ...errorOf(asked.failure) } })
    },
    text: [
      ...before,
      ...outcomeLines(done),
      ...(asked?.text ?? []),
      ...(isAsked || known === undefined ? [] : [`asked for already, as it is on record: ${known}`]),
      ...nextLines(next),
      ...noteLines(done, next, given.flag("local")),
      ...after
    ]
  }
})

export const rollback: Verb = {
  description:
    "Take a batch out of the content branch again: one commit on a branch of its own, read back path by path. " +
    "What was changed since is left alone unless you say otherwise. Works while paused.",
  examples: [
    "batchbrake rollback 2026-01-05-001 --dry-run",
    'batchbrake rollback 2026-01-05-001 --reason "bad checksums upstream" --yes',
    'batchbrake rollback 2026-01-05-001 --reason "bad checksums upstream" --yes --pr',
    "batchbrake rollback 2026-01-05-001 --on-changed three-way --dry-run",
    "batchbrake rollback 2026-01-05-001 --undo --yes"
  ],
  options: {
    "dry-run": { help: "plan, and write nothing anywhere", type: "boolean" },
    "on-changed": {
      help: "what was changed since: leave it (default), merge, or put it back",
      type: "string",
      value: "skip|three-way|force"
    },
    pr: {
      help: "open its pull request too, or find it open: GITHUB_TOKEN or GH_TOKEN",
      type: "boolean"
    },
    reason: reasonOption,
    undo: { help: "take the batch's newest rollback out again", type: "boolean" },
    yes: { help: "do it without asking; without a terminal it is only planned otherwise", type: "boolean" }
  },
  run,
  takesNames: true,
  usage: "ID [--dry-run] [--on-changed skip|three-way|force] [--reason R] [--yes] [--pr] [--undo]"
}
