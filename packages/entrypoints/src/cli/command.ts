/** The command as a function of its arguments and its world: what is printed, and the exit code. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { EXIT, type Failure, InputUnusable, report } from "./Failure.ts"
import { type Given, read } from "./Given.ts"
import type { Verb } from "./Verb.ts"
import { VERBS } from "./verbs.ts"
import type { World } from "./World.ts"

export interface Printed {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const failed = (failure: Failure, asJson: boolean, instead?: unknown): Printed => {
  const { error, exitCode } = report(failure)
  return {
    exitCode,
    stderr: `batchbrake: ${error.message}\n`,
    stdout: asJson ? json(instead ?? { error }) : ""
  }
}

/** One `--json` among the arguments is enough, even where the rest of them cannot be read. */
const wantsJson = (args: ReadonlyArray<string>): boolean => {
  const end = args.indexOf("--")
  return (end < 0 ? args : args.slice(0, end)).includes("--json")
}

const perform = (verb: Verb, given: Given, world: World): Effect.Effect<Printed> =>
  verb.run(given, world).pipe(
    Effect.map(
      (done): Printed => ({
        exitCode: done.exitCode,
        stderr: "",
        stdout: given.flag("json") ? json(done.json) : `${done.text}\n`
      })
    ),
    Effect.catch((failure) => {
      const asJson = given.flag("json")
      return verb.onFailure === undefined
        ? Effect.succeed(failed(failure, asJson))
        : Effect.map(verb.onFailure(given, world, failure), (instead) => failed(failure, asJson, instead))
    })
  )

const runVerb = Effect.fn("runVerb")(function* (name: string, args: ReadonlyArray<string>, world: World) {
  const entry = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (entry === undefined) {
    const known = Object.keys(VERBS).join(", ")
    return failed(
      new InputUnusable({ code: "usage", message: `there is no verb ${JSON.stringify(name)}; there are: ${known}` }),
      wantsJson(args)
    )
  }
  const verb = yield* Effect.promise(entry.load)
  if (args.includes("--help") || args.includes("-h")) {
    const { ofVerb } = yield* Effect.promise(() => import("./help.ts"))
    return { exitCode: EXIT.done, stderr: "", stdout: `${ofVerb(name, verb)}\n` }
  }
  return yield* read(name, verb, args).pipe(
    Effect.flatMap((given) => perform(verb, given, world)),
    Effect.catch((failure) => Effect.succeed(failed(failure, wantsJson(args))))
  )
})

const general = Effect.fn("general")(function* (exitCode: number) {
  const help = yield* Effect.promise(() => import("./help.ts"))
  const text = `${help.general()}\n`
  return exitCode === EXIT.done ? { exitCode, stderr: "", stdout: text } : { exitCode, stderr: text, stdout: "" }
})

/** Runs the command. Never fails: a fault of ours is reported like any other, and exits with 2. */
export const command = (args: ReadonlyArray<string>, version: string, world: World): Effect.Effect<Printed> => {
  const [name, ...rest] = args
  const printed =
    name === undefined
      ? general(EXIT.unreadable)
      : name === "--help" || name === "-h" || (name === "help" && rest.length === 0)
        ? general(EXIT.done)
        : name === "--version"
          ? Effect.succeed({ exitCode: EXIT.done, stderr: "", stdout: `batchbrake ${version}\n` })
          : name === "help"
            ? runVerb(rest[0] ?? "", ["--help"], world)
            : runVerb(name, rest, world)
  return Effect.exit(printed).pipe(
    Effect.map((exit): Printed => {
      if (Exit.isSuccess(exit)) return exit.value
      const cause = Cause.squash(exit.cause)
      const message = `internal fault: ${cause instanceof Error ? cause.message : String(cause)}; please report it`
      return {
        exitCode: EXIT.unreadable,
        stderr: `batchbrake: ${message}\n`,
        stdout: wantsJson(args) ? json({ error: { code: "internal", message } }) : ""
      }
    })
  )
}
