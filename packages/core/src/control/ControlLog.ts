/**
 * The event log: what a control commit's message says, and how to read it back. A subject for people, then trailers
 * that suffice to replay the commit. The subject can hold anything a person typed, so only the last paragraph counts.
 */
import * as Result from "effect/Result"
import { printAll } from "../json/Fault.ts"
import type { ControlEvent } from "./ControlEvent.ts"
import * as Event from "./ControlEvent.ts"
import { EVERYTHING } from "./Pause.ts"
import { plainLine } from "./plainLine.ts"

/** What one control commit says. */
export interface Entry {
  readonly events: ReadonlyArray<ControlEvent>
  /** The hash of the policy that the events were reduced under. */
  readonly policy: string
  /** The digest of the control file that the commit holds. */
  readonly control: string
  readonly nonce: string
}

const KEYS = {
  batch: "Batchbrake-Batch",
  control: "Batchbrake-Control",
  ecosystem: "Batchbrake-Ecosystem",
  event: "Batchbrake-Event",
  nonce: "Batchbrake-Nonce",
  payload: "Batchbrake-Payload",
  policy: "Batchbrake-Policy",
  run: "Batchbrake-Run"
} as const

const SUBJECT_LENGTH = 120

const subjectOf = (text: string): string => {
  const line = plainLine(text)
  const characters = [...line]
  return characters.length > SUBJECT_LENGTH ? `${characters.slice(0, SUBJECT_LENGTH - 1).join("")}…` : line
}

/**
 * JSON in ASCII, so that no reader of the log splits a line where we did not. The keys keep their order: a control file
 * that an event holds must come back with its fields where they were.
 */
const ascii = (json: string): string =>
  json.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

const trailersOf = (event: ControlEvent): ReadonlyArray<string> => [
  `${KEYS.event}: ${event._tag}`,
  ...(Event.scopeOf(event) === EVERYTHING ? [] : [`${KEYS.ecosystem}: ${Event.scopeOf(event)}`]),
  ...Event.batchesOf(event).map((batch) => `${KEYS.batch}: ${batch}`),
  ...("runKey" in event ? [`${KEYS.run}: ${event.runKey}`] : [])
]

/** The message of a control commit. */
export const render = (subject: string, entry: Entry): string =>
  [
    subjectOf(subject) || "control",
    "",
    ...entry.events.flatMap(trailersOf),
    `${KEYS.policy}: ${entry.policy}`,
    `${KEYS.control}: ${entry.control}`,
    `${KEYS.nonce}: ${entry.nonce}`,
    ...entry.events.map((event) => `${KEYS.payload}: ${ascii(JSON.stringify(Event.toJson(event)))}`),
    ""
  ].join("\n")

const lastParagraph = (message: string): ReadonlyArray<readonly [string, string]> =>
  (
    message
      .trimEnd()
      .split(/\n[ \t]*\n/)
      .at(-1) ?? ""
  )
    .split("\n")
    .flatMap((line) => {
      const colon = line.indexOf(": ")
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)] as const]
    })

const valuesOf = (trailers: ReadonlyArray<readonly [string, string]>, key: string): ReadonlyArray<string> =>
  trailers.flatMap(([name, value]) => (name === key ? [value] : []))

/** The control file's digest that a message names; `undefined` for a commit that is not one of ours. */
export const controlOf = (message: string): string | undefined => {
  const trailers = lastParagraph(message)
  const [control, ...others] = valuesOf(trailers, KEYS.control)
  return others.length > 0 || valuesOf(trailers, KEYS.event).length === 0 ? undefined : control
}

/** The policy that a message names. */
export const policyOf = (message: string): string | undefined => valuesOf(lastParagraph(message), KEYS.policy)[0]

/** Reads a message back; a failure says in one line what is wrong with it. */
export const parse = (message: string): Result.Result<Entry, string> => {
  const trailers = lastParagraph(message)
  const [policy, control, nonce] = [KEYS.policy, KEYS.control, KEYS.nonce].map((key) => valuesOf(trailers, key)[0])
  if (policy === undefined || control === undefined || nonce === undefined) {
    return Result.fail("not a control commit: it lacks one of the trailers Policy, Control, Nonce")
  }
  const events = valuesOf(trailers, KEYS.payload).map(Event.parse)
  const faulty = events.find(Result.isFailure)
  if (faulty !== undefined && Result.isFailure(faulty))
    return Result.fail(`unreadable event: ${printAll(faulty.failure)}`)
  const read = events.flatMap((event) => (Result.isSuccess(event) ? [event.success] : []))
  return read.length === 0
    ? Result.fail("a control commit without an event")
    : Result.succeed({ control, events: read, nonce, policy })
}
