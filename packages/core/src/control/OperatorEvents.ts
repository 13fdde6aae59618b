/** What a person's events do: pause, resume, correct, begin, take over. */
import * as Result from "effect/Result"
import * as Budget from "../budget/Budget.ts"
import * as Fault from "../json/Fault.ts"
import { format } from "../time/Instant.ts"
import * as ControlCodec from "./ControlCodec.ts"
import type { Of } from "./ControlEvent.ts"
import { type ControlFile, initial, withPauses } from "./ControlFile.ts"
import { type Effected, nothingToDo, unchanged } from "./Effected.ts"
import { notice } from "./Notice.ts"
import * as Pause from "./Pause.ts"
import * as PauseCodec from "./PauseCodec.ts"
import { type Rejection, rejection } from "./Rejection.ts"

const named = (scope: string): string => (scope === Pause.EVERYTHING ? "everything" : scope)

export const paused = (file: ControlFile, event: Of<"Paused">): Effected => {
  const pause: Pause.Pause = {
    at: event.at,
    author: event.author,
    // Without an end there is nothing to resume at: it holds until someone lifts it.
    autoResume: event.autoResume && event.expectedResume !== undefined,
    category: PauseCodec.present(event.category),
    expectedResume: event.expectedResume,
    incidentUrl: PauseCodec.present(event.incidentUrl),
    reason: event.reason,
    unknown: {}
  }
  const pauses = Pause.add(file.pauses, event.scope, pause)
  const standing = pauses[event.scope]
  const over = !Pause.holds(pause, event.at)
  if (over) {
    return nothingToDo(
      file,
      notice(
        "already-over",
        "warning",
        `the end of the pause of ${named(event.scope)} is not after ${format(event.at)}: nothing to pause`
      )
    )
  }
  return {
    ...unchanged(withPauses(file, pauses)),
    notices:
      standing === pause
        ? [notice("paused", "info", `${named(event.scope)} is paused by ${event.author}: ${event.reason}`)]
        : [notice("later-end-kept", "info", `${named(event.scope)} was paused already, for longer: that pause stands`)]
  }
}

export const resumed = (file: ControlFile, event: Of<"Resumed">): Effected => {
  const lifts = (scope: string): boolean => event.scope === "everything" || scope === event.scope
  const lifted = Object.keys(file.pauses).filter(lifts)
  const rest = Pause.without(file.pauses, lifts)
  const still = Object.hasOwn(rest, Pause.EVERYTHING)
    ? [notice("still-paused", "warning", `everything is still paused: \`batchbrake resume\` lifts that`)]
    : event.scope === Pause.EVERYTHING && Object.keys(rest).length > 0
      ? [
          notice(
            "still-paused",
            "warning",
            `still paused: ${Object.keys(rest).join(", ")}; \`batchbrake resume --everything\` lifts every pause`
          )
        ]
      : []
  if (lifted.length === 0) {
    const nothing = nothingToDo(
      file,
      notice("not-paused", "info", `${named(event.scope)} was not paused: nothing to resume`)
    )
    return { ...nothing, notices: [...nothing.notices, ...still] }
  }
  return {
    ...unchanged(withPauses(file, rest)),
    notices: [notice("resumed", "info", `resumed by ${event.author}: ${lifted.map(named).join(", ")}`), ...still]
  }
}

export const budgetAdjusted = (file: ControlFile, event: Of<"BudgetAdjusted">): Effected => {
  const changes = Object.entries(event.minutes).map(
    ([platform, change]) => `${platform} ${change < 0 ? "" : "+"}${change}`
  )
  return {
    ...unchanged({ ...file, budget: Budget.adjust(file.budget, event.minutes) }),
    notices: [
      notice("budget-adjusted", "info", `minutes corrected by ${event.author}: ${changes.join(", ")}; ${event.reason}`)
    ]
  }
}

/** Only a file that nothing has happened to can begin: as it stood, since time alone may have set flags by now. */
export const initialised = (before: ControlFile, file: ControlFile): Result.Result<Effected, Rejection> =>
  ControlCodec.encode(before) === ControlCodec.encode(initial)
    ? Result.succeed(unchanged(file))
    : Result.fail(rejection("already-initialised", "the control file exists already and is left as it is"))

/** The file is replaced by what the event holds: an import, or an edit by hand that someone stands for. */
export const takenOver = (
  before: ControlFile,
  event: Of<"Imported"> | Of<"HandEditAdopted">
): Result.Result<Effected, Rejection> =>
  Result.match(ControlCodec.fromJson(event.control), {
    onFailure: (faults) => Result.fail(rejection("unreadable", Fault.printAll(faults))),
    onSuccess: (read) => {
      // A correction of nothing: what ended grants were counted for cannot be more than what is spent.
      const taken = { ...read, budget: Budget.adjust(read.budget, {}) }
      return event._tag === "Imported" ? initialised(before, taken) : Result.succeed(unchanged(taken))
    }
  })
