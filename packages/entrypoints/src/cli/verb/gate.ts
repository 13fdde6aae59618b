import { appendFile } from "node:fs/promises"
import { type Decision, hold, type Request } from "@batchbrake/core/control/Decision"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import { RunKey } from "@batchbrake/core/json/Field"
import { decideRuns, type Question } from "@batchbrake/core/program/decideRuns"
import { format } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { gateJson, gateTable, heldJson, limitText, namedEcosystems } from "../decide.ts"
import { EXIT, type Failure, InputUnusable, report } from "../Failure.ts"
import { count, type Given, refuse } from "../Given.ts"
import { readText, reasonOf } from "../input.ts"
import type { Line } from "../Page.ts"
import { authorOf, readPolicy, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

/** The run key of a claim that names none: in CI the one that a repeated step finds again, elsewhere a random one. */
const runKeyOf = (given: Given, world: World, ecosystem: string): string | undefined => {
  const stated = given.text("run")
  if (stated !== undefined || !given.flag("claim")) return stated
  const { GITHUB_RUN_ATTEMPT: attempt, GITHUB_RUN_ID: id } = world.environment
  return id === undefined || id === "" ? `run-${world.random()}` : `${id}-${attempt ?? "1"}-${ecosystem}`
}

const Listed = Schema.fromJsonString(Schema.Array(Schema.NonEmptyString))

/** Recipes at hand, one a line, or a JSON array of them. */
const candidatesOf = Effect.fn("candidatesOf")(function* (given: Given, world: World) {
  const stated = given.text("candidates")
  if (stated === undefined) return []
  const text = yield* readText(world, "candidates", stated)
  if (!text.trimStart().startsWith("[")) {
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
  }
  const listed = Schema.decodeUnknownOption(Listed)(text)
  if (Option.isSome(listed)) return listed.value
  return yield* new InputUnusable({
    code: "input-unreadable",
    message: `--candidates ${stated}: expected one recipe a line, or a JSON array of texts`,
    path: stated
  })
})

/** `can_proceed` and `ecosystems` for the steps that follow in the same job. */
const writeOutputs = (world: World, decisions: ReadonlyArray<Decision>): Effect.Effect<void, InputUnusable> => {
  const path = world.environment.GITHUB_OUTPUT
  if (path === undefined || path === "") return Effect.void
  const proceeding = decisions.filter(({ decision }) => decision !== "hold").map(({ ecosystem }) => ecosystem)
  const lines = `can_proceed=${DecisionJson.canProceed(decisions)}\necosystems=${JSON.stringify(proceeding)}\n`
  return Effect.tryPromise({
    catch: (cause) =>
      new InputUnusable({
        code: "output-failed",
        message: `GITHUB_OUTPUT ${path} cannot be written: ${reasonOf(cause)}; what was granted ends with its lease, or by \`batchbrake abandon\``,
        path
      }),
    try: () => appendFile(path, lines)
  })
}

/** How many attempts are wanted at most. */
const requestsOf = Effect.fn("requestsOf")(function* (given: Given, world: World, known: ReadonlyArray<string>) {
  const named = yield* namedEcosystems(given)
  const ecosystems = named.length > 0 ? named : known
  const candidates = yield* candidatesOf(given, world)
  if (candidates.length > 0 && ecosystems.length !== 1) {
    return yield* refuse("--candidates goes with exactly one --ecosystem: they are one ecosystem's recipes")
  }
  if (given.flag("landing") && given.flag("claim")) {
    return yield* refuse("--landing asks about what is done, and --claim takes what is to be done: give one of the two")
  }
  const limit = yield* count(given, "max-attempts", 1)
  const author = given.flag("claim") ? yield* authorOf(given, world) : ""
  const requests = ecosystems.map(
    (ecosystem): Request => ({
      author,
      batch: given.text("batch"),
      candidates,
      claim: given.flag("claim"),
      ecosystem,
      landing: given.flag("landing"),
      ...(limit === undefined ? {} : { limit }),
      runKey: runKeyOf(given, world, ecosystem)
    })
  )
  const odd = requests.find(({ runKey }) => runKey !== undefined && !Schema.is(RunKey)(runKey))
  return odd === undefined
    ? requests
    : yield* refuse("--run: expected 1 to 200 printable ASCII characters, no space at the ends")
})

const text = (decisions: ReadonlyArray<Decision>): ReadonlyArray<Line> => {
  const grants = decisions.flatMap(({ grant }) =>
    grant === undefined
      ? []
      : [
          `  ${grant.ecosystem}: run key ${grant.runKey}, until ${format(grant.expiresAt)}` +
            limitText(grant) +
            (grant.probeRecipes.length === 0 ? "" : `, probing ${grant.probeRecipes.join(", ")}`)
        ]
  )
  return [gateTable(decisions), ...(grants.length === 0 ? [] : ["", "Granted:", ...grants])]
}

/** Loaded only for a claim: a question writes nothing, and needs nothing that does. */
const claim = Effect.fn("claim")(function* (question: Question, world: World) {
  const { admitRuns } = yield* Effect.promise(() => import("@batchbrake/core/program/admitRuns"))
  return yield* admitRuns({ ...question, author: question.requests[0]?.author ?? "", nonce: world.random() })
})

const run = Effect.fn("gate")(function* (given: Given, world: World) {
  const at = yield* timeOf(given, world)
  const policy = yield* readPolicy(given, world)
  const requests = yield* requestsOf(given, world, Object.keys(policy.ecosystems))
  const question = { at, policy, requests }
  const decisions = yield* (given.flag("claim") ? claim(question, world) : decideRuns(question)).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  yield* writeOutputs(world, decisions)
  const held = !DecisionJson.canProceed(decisions)
  return {
    exitCode: held && given.flag("exit-code") ? EXIT.held : EXIT.done,
    json: gateJson(decisions),
    text: text(decisions)
  }
})

/** A gate that cannot decide holds, and tells the job so before it says why. */
const holdAll = (given: Given, world: World, failure: Failure) =>
  Effect.gen(function* () {
    const named = yield* namedEcosystems(given).pipe(Effect.catch(() => Effect.succeed([])))
    const policy = yield* Effect.option(readPolicy(given, world))
    const ecosystems = named.length > 0 ? named : policy._tag === "Some" ? Object.keys(policy.value.ecosystems) : []
    // Where this cannot be written the job has no word of ours at all, which is no leave to run.
    yield* Effect.ignore(
      writeOutputs(
        world,
        ecosystems.map((ecosystem) => hold({ ecosystem, runKey: undefined }, []))
      )
    )
    const reported = report(failure)
    return {
      ...reported,
      json: heldJson(ecosystems, failure),
      text: `${reported.text}; nothing may run`
    }
  })

export const gate: Verb = {
  description: "May these ecosystems run now, how much, and on which platforms? Holds when in doubt.",
  examples: [
    "batchbrake gate",
    "batchbrake gate --ecosystem npm --claim --run $GITHUB_RUN_ID-npm --json",
    "batchbrake gate --ecosystem npm --claim --max-attempts 3",
    "git ls-files 'recipes/*' | batchbrake gate --ecosystem npm --claim --candidates -"
  ],
  onFailure: holdAll,
  options: {
    batch: { help: "the batch that the run belongs to", type: "string", value: "ID" },
    candidates: { help: "recipes at hand, one a line; a probe is given some of them", type: "string", value: "FILE|-" },
    claim: { help: "take what is granted: reserve minutes, take the probe", type: "boolean" },
    ecosystem: {
      help: "ask about this one; may be repeated (default: all of the policy)",
      multiple: true,
      type: "string",
      value: "E"
    },
    "exit-code": { help: "exit 3 when no ecosystem may run", type: "boolean" },
    landing: { help: "ask about what is done and is to land: minutes hold nothing", type: "boolean" },
    "max-attempts": { help: "at most so many recipes and attempts an ecosystem", type: "string", value: "N" },
    run: { help: "the run key (default with --claim: from the CI run, else random)", type: "string", value: "KEY" }
  },
  run,
  takesNames: false,
  usage:
    "[--ecosystem E]… [--claim] [--run KEY] [--batch ID] [--candidates FILE|-] [--max-attempts N] [--landing] [--exit-code]"
}
