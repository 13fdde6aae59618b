import { keepHandEditIssue } from "@batchbrake/core/program/keepHandEditIssue"
import { adoptHandEdit } from "@batchbrake/core/program/operate"
import { readStatus } from "@batchbrake/core/program/readStatus"
import { type HandEdit, handEditOf } from "@batchbrake/core/sli/controlSignals"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { EXIT, report } from "../Failure.ts"
import { type Given, refuse, required } from "../Given.ts"
import { ISSUE_USAGE, issueOptions, issuesJson, issuesOf, issuesText } from "../issues.ts"
import { doneReport, noticesJson, noticesText, reasonOption } from "../order.ts"
import { readPolicy, settingOf, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Report, Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const adopt = Effect.fn("audit --adopt")(function* (given: Given, world: World) {
  if (given.flag("issues")) return yield* refuse("--adopt and --issues exclude each other")
  const reason = yield* required(given, "reason", "standing for an edit by hand needs a reason")
  const { store, ...origin } = yield* settingOf(given, world)
  const done = yield* adoptHandEdit(origin, reason).pipe(Effect.provide(store))
  return doneReport(done, { findings: [] }, "edit by hand recorded")
})

/** What is found at the head, and of what kind the edit is. */
const look = Effect.fn("look")(function* (given: Given, world: World, at: number) {
  const policy = yield* readPolicy(given, world)
  const { edit, version } = yield* readStatus(policy, at, []).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const findings = (edit?.loosenings ?? []).map(({ path }) => ({
    code: "unexplained-edit",
    commit: version,
    message: `${path} was loosened by hand since the last event`,
    path
  }))
  return { findings, seen: handEditOf(edit) }
})

/** A file that cannot be read is worth an issue; a branch out of reach says nothing. */
const UNREADABLE = { edit: "unreadable", paths: [] } as const

const check = Effect.fn("audit")(function* (given: Given, world: World) {
  if (given.text("reason") !== undefined) return yield* refuse("--reason goes with --adopt")
  const at = yield* timeOf(given, world)
  const issues = yield* issuesOf(given, world)
  const looked = yield* Effect.result(look(given, world, at))
  if (Result.isFailure(looked) && (issues === undefined || looked.failure._tag !== "ControlUnreadable")) {
    return yield* Effect.fail(looked.failure)
  }
  const seen = Result.isSuccess(looked) ? looked.success.seen : UNREADABLE
  const kept =
    issues === undefined ? undefined : yield* Effect.provide(keepHandEditIssue(seen, at, issues.label), issues.forge)
  const findings = Result.isSuccess(looked) ? looked.success.findings : []
  const unreadable = Result.isFailure(looked) ? report(looked.failure) : undefined
  const found = unreadable?.exitCode ?? (findings.length > 0 ? EXIT.found : EXIT.done)
  const checked: Report = {
    exitCode: kept?.failure === undefined ? found : EXIT.unreachable,
    json: {
      findings,
      ...(kept === undefined ? {} : { notices: noticesJson(kept.notices), ...issuesJson(kept) }),
      // What was found comes first.
      ...unreadable?.json
    },
    text: [
      ...(unreadable === undefined ? foundText(findings, seen) : [{ colour: "red" as const, text: unreadable.text }]),
      ...(kept === undefined ? [] : [...issuesText(kept), ...noticesText(kept.notices)])
    ]
  }
  return checked
})

const foundText = (
  findings: ReadonlyArray<{ readonly message: string }>,
  { edit }: { readonly edit: HandEdit }
): ReadonlyArray<string> =>
  findings.length > 0
    ? [...findings.map(({ message }) => message), "`batchbrake audit --adopt --reason R` records it as it stands"]
    : edit === "stricter"
      ? ["changed by hand, and nothing was loosened: the next event takes it over"]
      : ["nothing at the head of the control branch that no event explains"]

export const audit: Verb = {
  description:
    "Check the head of the control branch for edits by hand that no event explains; --adopt stands for them. " +
    "--issues keeps one issue open while there is such an edit.",
  examples: [
    "batchbrake audit",
    "batchbrake audit --issues",
    'batchbrake audit --adopt --reason "restored by the on-call operator"'
  ],
  options: { adopt: { help: "record the edit as it stands", type: "boolean" }, ...issueOptions, reason: reasonOption },
  run: (given, world) => (given.flag("adopt") ? adopt(given, world) : check(given, world)),
  takesNames: false,
  usage: `[--adopt --reason R] ${ISSUE_USAGE}`
}
