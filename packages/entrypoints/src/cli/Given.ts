/** The command line as it was given: names, options, and what every verb shares. */
import { parseArgs } from "node:util"
import { MOST_ATTEMPTS } from "@batchbrake/core/breaker/Attempts"
import * as Instant from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { InputUnusable } from "./Failure.ts"
import type { Accepted, Option } from "./Option.ts"

export interface Given {
  readonly names: ReadonlyArray<string>
  readonly flag: (option: string) => boolean
  readonly text: (option: string) => string | undefined
  readonly texts: (option: string) => ReadonlyArray<string>
}

/** What every verb takes. */
export const OF_EVERY_VERB: Readonly<Record<string, Option>> = {
  repo: { help: "the repository (default: here)", type: "string", value: "DIR" },
  remote: { help: "the remote that has the control branch (default: origin)", type: "string", value: "NAME" },
  local: { help: "use the repository itself, no remote", type: "boolean" },
  signed: { help: "have GitHub make control commits, and so sign them; GITHUB_TOKEN", type: "boolean" },
  policy: { help: "the policy (default: batch-policy.json of the work tree)", type: "string", value: "FILE|REV:PATH" },
  json: { help: "one JSON document on stdout", type: "boolean" },
  at: { help: "the time of the decision or event, for replays (default: now)", type: "string", value: "TIME" },
  help: { help: "this help", type: "boolean" }
}

const usage = (message: string): InputUnusable => new InputUnusable({ code: "usage", message })

const optionsOf = (verb: Accepted): Readonly<Record<string, Option>> => ({ ...OF_EVERY_VERB, ...verb.options })

const parse = (verb: Accepted, args: ReadonlyArray<string>) =>
  parseArgs({
    allowPositionals: true,
    args: [...args],
    options: Object.fromEntries(
      Object.entries(optionsOf(verb)).map(([option, { type }]) => [option, { multiple: true, type } as const])
    ),
    strict: false,
    tokens: true
  })

type Parsed = ReturnType<typeof parse>

const givenOf = ({ positionals, values }: Parsed): Given => {
  const texts = (option: string): ReadonlyArray<string> =>
    [values[option] ?? []].flat().filter((value): value is string => typeof value === "string")
  return {
    flag: (option) => values[option] !== undefined,
    names: positionals,
    text: (option) => texts(option)[0],
    texts
  }
}

/** What is wrong with a command line, at its first fault. */
const faultOf = (name: string, verb: Accepted, { positionals, tokens, values }: Parsed): string | undefined => {
  const known = optionsOf(verb)
  for (const token of tokens) {
    if (token.kind !== "option") continue
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined
    if (option === undefined) return `there is no option ${token.rawName}`
    if (option.type === "boolean") {
      if (token.value !== undefined) return `${token.rawName} takes no value, and has ${JSON.stringify(token.value)}`
      continue
    }
    const example = `${token.rawName}=${option.value ?? "VALUE"}`
    const isOption = /^--[a-z-]+$/.test(token.value ?? "") && Object.hasOwn(known, (token.value ?? "").slice(2))
    if (token.value === undefined || token.value === "" || (isOption && !token.inlineValue))
      return `${token.rawName} is without its value: ${example}`
    if (!token.inlineValue && token.value.startsWith("-") && token.value !== "-") {
      return `${token.rawName} is without its value; one that begins with a dash is written ${token.rawName}=${token.value}`
    }
    if (option.multiple !== true && (values[token.name]?.length ?? 0) > 1) {
      return `${token.rawName} is given more than once`
    }
  }
  if (values.local !== undefined && values.signed !== undefined) {
    return "--local and --signed exclude each other: GitHub signs what is on GitHub"
  }
  return verb.takesNames || positionals.length === 0
    ? undefined
    : `${JSON.stringify(positionals[0])} is one word too many: ${name} takes options only`
}

/** Reads the arguments of a verb. Unknown and repeated options, missing values and surplus words are usage errors. */
export const read = (name: string, verb: Accepted, args: ReadonlyArray<string>): Effect.Effect<Given, InputUnusable> =>
  Effect.suspend(() => {
    const parsed = parse(verb, args)
    const fault = faultOf(name, verb, parsed)
    return fault === undefined
      ? Effect.succeed(givenOf(parsed))
      : Effect.fail(usage(`${fault}; \`batchbrake ${name} --help\` shows what ${name} takes`))
  })

/** What can be read of arguments that are wrong: whom a failing gate has to hold. */
export const readLeniently = (verb: Accepted, args: ReadonlyArray<string>): Given => {
  const given = givenOf(parse(verb, args))
  return verb.takesNames ? given : { ...given, names: [] }
}

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
  return text === undefined || text.trim() === ""
    ? Effect.fail(usage(`--${option} is missing: ${why}`))
    : Effect.succeed(text)
}

/** A count that an option states, a whole number from 0. */
export const count = (given: Given, option: string, least = 0): Effect.Effect<number | undefined, InputUnusable> => {
  const text = given.text(option)
  if (text === undefined) return Effect.succeed(undefined)
  return /^\d{1,7}$/.test(text) && Number(text) >= least && Number(text) <= MOST_ATTEMPTS
    ? Effect.succeed(Number(text))
    : Effect.fail(
        usage(`--${option}: found ${JSON.stringify(text)}, expected a whole number from ${least} to ${MOST_ATTEMPTS}`)
      )
}

export const refuse = (message: string): Effect.Effect<never, InputUnusable> => Effect.fail(usage(message))
