/** A counterexample as a story: what happened, when, in the words of people who run such things. */
import * as Result from "effect/Result"
import * as Attempts from "../breaker/Attempts.ts"
import * as Minutes from "../budget/Minutes.ts"
import { type ControlEvent, scopeOf, toJson } from "../control/ControlEvent.ts"
import { EVERYTHING } from "../control/Pause.ts"
import { plainLine } from "../control/plainLine.ts"
import { reduce } from "../control/Reducer.ts"
import { format } from "../time/Instant.ts"
import { tellFile } from "./tellFile.ts"
import type { World } from "./WorldArbitrary.ts"

const counted = (attempts: Attempts.Attempts): string => {
  const { failed, passed, skipped } = Attempts.tally(attempts)
  const inOrder = "results" in attempts && attempts.results !== "" ? ` (${attempts.results.slice(0, 40)})` : ""
  return `${passed} passed, ${failed} failed, ${skipped} skipped${inOrder}`
}

const minutesOf = (event: { readonly minutes?: Minutes.Minutes }): string =>
  event.minutes === undefined ? "" : `, ${Minutes.print(event.minutes)}`

const named = (scope: string): string => (scope === EVERYTHING ? "everything" : scope)

/** What an event says, without its time. */
const said = (event: ControlEvent): string => {
  switch (event._tag) {
    case "Initialised":
      return `${event.author} sets the gate up`
    case "RunAdmitted":
      return `${event.runKey} claims ${event.ecosystem}`
    case "RunCompleted":
      return `${event.runKey} reports for ${event.ecosystem}: ${counted(event.attempts)}${minutesOf(event)}`
    case "RunAbandoned":
      return `${event.runKey} gives ${event.ecosystem} back${minutesOf(event)}`
    case "LeaseExtended":
      return `${event.runKey} asks for more time for ${event.ecosystem}`
    case "Paused":
      return `${event.author} pauses ${named(event.scope)}${
        event.expectedResume === undefined
          ? ""
          : ` until ${format(event.expectedResume)}${event.autoResume ? ", which then resumes by itself" : ""}`
      }`
    case "Resumed":
      return `${event.author} resumes ${named(event.scope)}`
    case "BreakerReset":
      return `${event.author} resets ${event.ecosystem}`
    case "BudgetAdjusted":
      return `${event.author} corrects the minutes${minutesOf(event)}`
    default:
      return `${event._tag} ${named(scopeOf(event))} ${JSON.stringify(toJson(event)).slice(0, 200)}`
  }
}

/** What became of each event, one after the other. */
const happened = (world: World, events: ReadonlyArray<ControlEvent>): ReadonlyArray<string> => {
  let control = world.control
  return events.map((event) => {
    const outcome = reduce(world.policy, control, event)
    if (Result.isSuccess(outcome)) control = outcome.success.control
    const answer = Result.match(outcome, {
      onFailure: ({ code }) => `rejected as ${code}`,
      onSuccess: ({ applied, notices }) =>
        [applied ? "done" : "not applied", ...notices.map(({ code }) => code)].join(", ")
    })
    return plainLine(`${format(event.at)}  ${said(event)}: ${answer}`)
  })
}

/** The lines of the story: how the world came to be as it is, and what then happened in it. */
export const tell = (world: World, events: ReadonlyArray<ControlEvent>): ReadonlyArray<string> => [
  ...(world.past === undefined
    ? [
        "the control file is, as it could be by an import or an edit, a fresh one but for:",
        ...tellFile(world.control.file)
      ]
    : [
        "the control branch begins, and then:",
        ...world.past.map((event) => plainLine(`${format(event.at)}  ${said(event)}`))
      ]),
  `${format(world.now)}  now`,
  ...happened(world, events)
]
