/** The command as a function of its arguments and its world: what is printed, and the exit code. */
import * as Effect from "effect/Effect"
import { EXIT, type Failure, InputUnusable, type Reported, report } from "./Failure.ts"
import { type Given, read, readLeniently } from "./Given.ts"
import { render } from "./Page.ts"
import type { Verb } from "./Verb.ts"
import { VERBS } from "./verbs.ts"
import type { World } from "./World.ts"

export interface Printed {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** A failure as it is printed: one line on stderr and, with `--json`, one document on stdout. */
export const failed = (reported: Reported, asJson: boolean): Printed => ({
  exitCode: reported.exitCode,
  stderr: `batchbrake: ${reported.text}\n`,
  stdout: asJson ? json(reported.json) : ""
})

const said = (text: string, key: string, asJson: boolean): Printed => ({
  exitCode: EXIT.done,
  stderr: "",
  stdout: asJson ? json({ [key]: text }) : `${text}\n`
})

const options = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.includes("--") ? args.slice(0, args.indexOf("--")) : args

/** One `--json` among the arguments is enough, even where the rest of them cannot be read. */
export const wantsJson = (args: ReadonlyArray<string>): boolean => options(args).includes("--json")

const wantsHelp = (args: ReadonlyArray<string>): boolean =>
  options(args).includes("--help") || options(args).includes("-h")

const usage = (message: string): InputUnusable => new InputUnusable({ code: "usage", message })

/** A fault of ours, or of the machine's: reported like any other, so that the gate still holds. */
export const internal = (defect: unknown): InputUnusable =>
  new InputUnusable({
    code: "internal",
    message: `internal fault: ${defect instanceof Error ? defect.message : String(defect)}; please report it`
  })

const perform = (verb: Verb, given: Given, world: World): Effect.Effect<Printed, Failure> =>
  Effect.map(
    verb.run(given, world),
    (done): Printed => ({
      exitCode: done.exitCode,
      stderr: "",
      stdout: given.flag("json") ? json(done.json) : render(done.text, world.paper)
    })
  )

/** The verb that words name, `gate` or `batch open`, and the arguments behind them. */
const find = Effect.fn("findVerb")(function* (first: string, rest: ReadonlyArray<string>) {
  const entry = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined
  if (entry === undefined) {
    const place = first.startsWith("-") ? "; the verb comes first" : ""
    return yield* usage(
      `there is no verb ${JSON.stringify(first)}${place}; there are: ${Object.keys(VERBS).join(", ")}`
    )
  }
  const verb = yield* Effect.promise(entry.load)
  const [second = "", ...args] = rest
  const within = verb.verbs !== undefined && Object.hasOwn(verb.verbs, second) ? verb.verbs[second] : undefined
  if (within === undefined) return { args: rest, name: first, verb }
  return { args, name: `${first} ${second}`, verb: yield* Effect.promise(within.load) }
})

const runVerb = Effect.fn("runVerb")(function* (first: string, rest: ReadonlyArray<string>, world: World) {
  const { args, name, verb } = yield* find(first, rest)
  if (wantsHelp(args)) {
    const { ofVerb } = yield* Effect.promise(() => import("./help.ts"))
    return said(ofVerb(name, verb), "help", wantsJson(args))
  }
  return yield* read(name, verb, args).pipe(
    Effect.flatMap((given) => perform(verb, given, world)),
    Effect.catchDefect((defect) => Effect.fail(internal(defect))),
    Effect.catch((failure) =>
      verb.onFailure === undefined
        ? Effect.fail(failure)
        : Effect.map(verb.onFailure(readLeniently(verb, args), world, failure), (reported) =>
            failed(reported, wantsJson(args))
          )
    )
  )
})

const general = Effect.fn("general")(function* (args: ReadonlyArray<string>, isAsked: boolean) {
  const help = yield* Effect.promise(() => import("./help.ts"))
  const text = help.general()
  return isAsked ? said(text, "help", wantsJson(args)) : { exitCode: EXIT.unreadable, stderr: `${text}\n`, stdout: "" }
})

const dispatch = (
  args: ReadonlyArray<string>,
  version: () => string,
  world: World
): Effect.Effect<Printed, Failure> => {
  const [name, ...rest] = args
  switch (name) {
    case undefined:
      return general(args, false)
    case "--version":
    case "-V":
      return Effect.map(Effect.sync(version), (text) =>
        wantsJson(rest) ? said(text, "version", true) : said(`batchbrake ${text}`, "version", false)
      )
    case "--help":
    case "-h":
      return general(args, true)
    case "help": {
      const [verb, ...more] = rest.filter((word) => !word.startsWith("-"))
      const flags = rest.filter((word) => word.startsWith("-"))
      return verb === undefined ? general(args, true) : runVerb(verb, [...more, "--help", ...flags], world)
    }
    default:
      return runVerb(name, rest, world)
  }
}

/** Runs the command. Never fails: a fault of ours is reported like any other, and exits with 2. */
export const command = (args: ReadonlyArray<string>, version: () => string, world: World): Effect.Effect<Printed> =>
  dispatch(args, version, world).pipe(
    Effect.catchDefect((defect) => Effect.fail(internal(defect))),
    Effect.catch((failure) => Effect.succeed(failed(report(failure), wantsJson(args))))
  )
