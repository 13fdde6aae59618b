/** The help texts. */
import { OF_EVERY_VERB } from "./Given.ts"
import type { Option } from "./Option.ts"
import { wrap } from "./Page.ts"
import type { Verb } from "./Verb.ts"
import { VERBS } from "./verbs.ts"

const EXIT_CODES = [
  "Exit codes: 0 done · 1 checked and found something · 2 usage or unreadable input",
  "            3 held (gate --exit-code) · 4 could not reach the store"
]

const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")
}

const optionRows = (options: Readonly<Record<string, Option>>): ReadonlyArray<readonly [string, string]> =>
  Object.entries(options).map(([name, { help, value }]) => [`--${name}${value === undefined ? "" : ` ${value}`}`, help])

/** What `batchbrake --help` prints. */
export const general = (): string =>
  [
    "batchbrake: the brake for automation that merges generated changes in batches",
    "",
    "Usage: batchbrake VERB [options]",
    "",
    columns(Object.entries(VERBS).map(([name, { summary }]) => [name, summary])),
    "",
    "`batchbrake VERB --help` shows options and examples. Every verb takes:",
    columns(optionRows(OF_EVERY_VERB)),
    "",
    ...EXIT_CODES
  ].join("\n")

const WIDTH = 100
/** What stands in brackets stays in one piece. */
const PIECE = /\[[^\]]*\]…?|\([^()]*\)|\S+/g

const usage = (name: string, verb: Verb): ReadonlyArray<string> => {
  const front = `Usage: batchbrake ${name} `
  return wrap(verb.usage, WIDTH - front.length, PIECE).map(
    (line, index) => (index === 0 ? front : " ".repeat(front.length)) + line
  )
}

/** What `batchbrake VERB --help` prints. */
export const ofVerb = (name: string, verb: Verb): string =>
  [
    ...wrap(verb.description, WIDTH),
    "",
    ...usage(name, verb),
    "",
    ...(verb.verbs === undefined
      ? []
      : [columns(Object.entries(verb.verbs).map(([own, { summary }]) => [`${name} ${own}`, summary])), ""]),
    columns(optionRows({ ...verb.options, ...OF_EVERY_VERB })),
    "",
    "Examples:",
    ...verb.examples.map((example) => `  ${example}`),
    "",
    ...EXIT_CODES
  ].join("\n")
