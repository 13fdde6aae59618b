/** The command line as it was given: names, options, and what every verb shares. */
import { parseArgs } from "node:util"
import * as Instant from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { InputUnusable } from "./Failure.ts"
import type { Option, Verb } from "./Verb.ts"

export interface Given {
  readonly names: ReadonlyArray<string>
  readonly flag: (option: string) => boolean
  readonly text: (option: string) => string | undefined
  readonly texts: (option: string) => ReadonlyArray<string>
}

/** What every verb takes. */
export const SHARED: Readonly<Record<string, Option>> = {
  repo: { help: "the repository (default: here)", type: "string", value: "DIR" },
  remote: { help: "the remote that has the control branch (default: origin)", type: "string", value: "NAME" },
  local: { help: "use the repository itself, no remote", type: "boolean" },
  policy: { help: "the policy (default: batch-policy.json of the work tree)", type: "string", value: "FILE|REV:PATH" },
  json: { help: "one JSON document on stdout", type: "boolean" },
  at: { help: "the time of the decision or event, for replays (default: now)", type: "string", value: "TIME" },
  help: { help: "this help", type: "boolean" }
}

const usage = (message: string): InputUnusable => new InputUnusable({ code: "usage", message })

/** Reads the arguments of a verb. Unknown options, missing values and surplus words are usage errors. */
export const read = (name: string, verb: Verb, args: ReadonlyArray<string>): Effect.Effect<Given, InputUnusable> =>
  Effect.try({
    catch: (cause) =>
      usage(
        `${cause instanceof Error ? cause.message.split("\n")[0]?.replace(/\. To specify.*$/, "") : String(cause)}; ` +
          `\`batchbrake ${name} --help\` shows what ${name} takes`
      ),
    try: (): Given => {
      const { positionals, values } = parseArgs({
        allowPositionals: verb.takesNames,
        args: [...args],
        options: Object.fromEntries(
          Object.entries({ ...SHARED, ...verb.options }).map(([option, { multiple, type }]) => [
            option,
            { multiple: multiple ?? false, type }
          ])
        ),
        strict: true
      })
      const valueOf = (option: string): ReadonlyArray<string | boolean> => {
        const value = values[option]
        return value === undefined ? [] : Array.isArray(value) ? value : [value]
      }
      const texts = (option: string): ReadonlyArray<string> =>
        valueOf(option).filter((value): value is string => typeof value === "string")
      return {
        flag: (option) => valueOf(option)[0] === true,
        names: positionals,
        text: (option) => texts(option)[0],
        texts
      }
    }
  })

/** An instant that an option states; `undefined` where it is not given. */
export const instant = (given: Given, option: string): Effect.Effect<number | undefined, InputUnusable> => {
  const text = given.text(option)
  if (text === undefined) return Effect.succeed(undefined)
  const parsed = Instant.parse(text)
  return parsed === undefined
    ? Effect.fail(usage(`--${option}: found ${JSON.stringify(text)}, expected an instant such as 2026-11-23T04:52:27Z`))
    : Effect.succeed(parsed)
}

/** An option that a verb cannot do without. */
export const required = (given: Given, option: string, why: string): Effect.Effect<string, InputUnusable> => {
  const text = given.text(option)
  return text === undefined || text === "" ? Effect.fail(usage(`--${option} is missing: ${why}`)) : Effect.succeed(text)
}

/** A count that an option states, a whole number from 0. */
export const count = (given: Given, option: string): Effect.Effect<number | undefined, InputUnusable> => {
  const text = given.text(option)
  if (text === undefined) return Effect.succeed(undefined)
  return /^\d{1,9}$/.test(text)
    ? Effect.succeed(Number(text))
    : Effect.fail(usage(`--${option}: found ${JSON.stringify(text)}, expected a whole number, 0 or more`))
}

export const refuse = (message: string): Effect.Effect<never, InputUnusable> => Effect.fail(usage(message))
