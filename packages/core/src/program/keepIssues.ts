/**
 * Makes open issues agree with the alerts that stand: `sli/IssuePlan.ts` says what is to be done, here it is done. A forge
 * that fails in between leaves what was done, and the next look goes on.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Notice, notice } from "../control/Notice.ts"
import { Forge, type ForgeLimited, type ForgeRefused, type ForgeUnavailable, type Issue } from "../port/Forge.ts"
import type { Alert } from "../sli/Alert.ts"
import * as IssuePlan from "../sli/IssuePlan.ts"

/** What was done about an alert's issue, or is `unchanged`. */
export interface Kept {
  readonly action: "opened" | "reopened" | "updated" | "closed" | "unchanged"
  readonly alert: Alert
  readonly issue: Issue
}

export type ForgeFailure = ForgeUnavailable | ForgeLimited | ForgeRefused

/** What came of it. */
export interface KeptIssues {
  /** The alerts that stand, each since when its issue says. */
  readonly alerts: ReadonlyArray<Alert>
  readonly issues: ReadonlyArray<Kept>
  readonly notices: ReadonlyArray<Notice>
  /** What kept the rest from being done. */
  readonly failure: ForgeFailure | undefined
}

/** A forge takes writes at a pace: what is left of one look is done by the next ones, what is opened first. */
export const MOST_WRITES = 60
const MOST_NAMED = 5

type Step = IssuePlan.Step<Issue>

/** Opens one. A key is there for ever: an issue that a person closed while its alert stands is opened again. */
const open = Effect.fn("openIssue")(function* (step: Step & { readonly action: "open" }, label: string) {
  const forge = yield* Forge
  const { alert, draft } = step
  const { created, issue } = yield* forge.ensureIssue({ ...draft, labels: [label], since: alert.openedAt })
  if (created) return { action: "opened", alert, issue } satisfies Kept
  const again = yield* forge.updateIssue(issue, { body: draft.body, state: "open" })
  return { action: issue.state === "open" ? "updated" : "reopened", alert, issue: again } satisfies Kept
})

const carryOut = Effect.fn("carryOut")(function* (step: Step, label: string) {
  const forge = yield* Forge
  const { action, alert } = step
  switch (action) {
    case "open":
      return yield* open(step, label)
    case "keep":
      return { action: "unchanged", alert, issue: step.issue } satisfies Kept
    case "update":
      return {
        action: "updated",
        alert,
        issue: yield* forge.updateIssue(step.issue, step.change)
      } satisfies Kept
    case "close":
      return {
        action: "closed",
        alert,
        issue: yield* forge.updateIssue(step.issue, step.change)
      } satisfies Kept
  }
})

const unreadableOf = (numbers: ReadonlyArray<number>): ReadonlyArray<Notice> => {
  const more = numbers.length - MOST_NAMED
  const named = numbers.slice(0, MOST_NAMED).map((number) => `#${number}`)
  const message = `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}: open under our label, and no alert can be read from it; it is left alone: close it by hand`
  return numbers.length === 0 ? [] : [notice("issue-unreadable", "warning", message)]
}

/** Of one issue alone; any other failure would be the next one's too. */
const isOfOne = (failure: ForgeFailure): boolean => failure._tag === "ForgeRefused" && failure.reason === "invalid"

/** Carries a plan out, one step after the other, up to the first failure that is more than one issue's. */
const carryOutAll = Effect.fn("carryOutAll")(function* (steps: ReadonlyArray<Step>, label: string) {
  const issues: Array<Kept> = []
  const failures: Array<ForgeFailure> = []
  for (const step of steps) {
    // What needs no write is said whatever becomes of the forge.
    if (!failures.every(isOfOne) && step.action !== "keep") continue
    const done = yield* Effect.result(carryOut(step, label))
    if (Result.isSuccess(done)) issues.push(done.success)
    else failures.push(done.failure)
  }
  return { failure: failures.at(-1), issues }
})

/** Makes the issues under a label agree with what a look left. `issues`: those that were open before it. */
export const keepIssues = Effect.fn("keepIssues")(function* (
  scene: IssuePlan.Scene,
  label: string,
  issues: ReadonlyArray<Issue>
) {
  const { alerts, steps, unreadable } = IssuePlan.plan(scene, issues)
  const writes = steps.filter(({ action }) => action !== "keep")
  const now = [...writes.slice(0, MOST_WRITES), ...steps.filter(({ action }) => action === "keep")]
  const done = yield* carryOutAll(now, label)
  const left = writes.length - MOST_WRITES
  const message = `${left} more issues are to be opened, updated or closed: the next look goes on`
  const kept: KeptIssues = {
    ...done,
    alerts,
    notices: [...unreadableOf(unreadable), ...(left > 0 ? [notice("issues-left", "info", message)] : [])]
  }
  return kept
})

/** The open issues under a label, or why nobody knows them. */
export const openIssues = Effect.fn("openIssues")(function* (label: string) {
  const forge = yield* Forge
  const opened: Result.Result<ReadonlyArray<Issue>, ForgeFailure> = yield* Effect.result(forge.openIssues(label))
  return opened
})

/** What comes of a look whose issues nobody may touch. */
export const nothingKept = (alerts: ReadonlyArray<Alert>, failure: ForgeFailure | undefined): KeptIssues => ({
  alerts,
  failure,
  issues: [],
  notices: []
})
