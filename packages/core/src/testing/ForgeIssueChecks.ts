/** What every forge promises about issues. A part of ForgeContract.ts. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Issue, IssueDraft } from "../port/Forge.ts"
import { failsWith, isTrue, same } from "./Contract.ts"
import { check, type ForgeCheck } from "./ForgeCheck.ts"

const issue = (key: string, title = `About ${key}`): IssueDraft => ({
  body: `What ${key} is.\n\nAt length.`,
  key,
  labels: ["ours", "second"],
  title
})

/** Each runs against a fresh forge. */
export const issueChecks: ReadonlyArray<ForgeCheck> = [
  check("An issue is made once for its key, and answered as it is from then on", function* (forge) {
    const first = yield* forge.ensureIssue(issue("npm/slo"))
    yield* isTrue("it was created", first.created)
    yield* same("its words", [first.issue.title, first.issue.body], ["About npm/slo", issue("npm/slo").body])
    yield* same("its labels", [...first.issue.labels].sort(), ["ours", "second"])
    yield* same("where it stands", [first.issue.key, first.issue.state], ["npm/slo", "open"])
    const again = yield* forge.ensureIssue(issue("npm/slo", "Other words"))
    yield* same("the second answer", [again.created, again.issue], [false, first.issue])
    const other = yield* forge.ensureIssue(issue("npm/slo2"))
    yield* isTrue("another key is another issue", other.created && other.issue.number !== first.issue.number)
  }),
  check("Of those who ask at the same time one makes it, and all get it", function* (forge) {
    const asking = Effect.all(
      [1, 2, 3].map(() => forge.ensureIssue(issue("npm/slo"))),
      { concurrency: "unbounded" }
    )
    const answers = yield* asking
    yield* same("how many made it", answers.filter(({ created }) => created).length, 1)
    yield* same("the issues", new Set(answers.map((answer) => answer.issue.number)).size, 1)
    yield* same("where it stands", Option.getOrUndefined(yield* forge.issueOf("npm/slo", "ours"))?.state, "open")
  }),
  check("It keeps its key whatever is changed, and is found closed as well", function* (forge) {
    const { issue: made } = yield* forge.ensureIssue(issue("npm/slo"))
    const told = yield* forge.updateIssue(made, { body: "Better now." })
    yield* same("the change", [told.key, told.title, told.body], ["npm/slo", "About npm/slo", "Better now."])
    const closed = yield* forge.updateIssue(made, { state: "closed", title: "Over" })
    yield* same("closed", [closed.state, closed.title, closed.body], ["closed", "Over", "Better now."])
    yield* same("found", Option.getOrUndefined(yield* forge.issueOf("npm/slo", "ours")), closed)
    const again = yield* forge.ensureIssue(issue("npm/slo"))
    yield* same("asked for again", [again.created, again.issue.state], [false, "closed"])
    yield* same("opened again", (yield* forge.updateIssue(made, { state: "open" })).state, "open")
  }),
  check("A key is named exactly, and among the issues of its label", function* (forge) {
    yield* forge.ensureIssue(issue("npm/slo"))
    for (const [key, label] of [
      ["npm/sl", "ours"],
      ["npm/slo/", "ours"],
      ["NPM/slo", "ours"],
      ["npm/slo", "other"]
    ] as const) {
      yield* isTrue(`${key} with ${label} is none`, Option.isNone(yield* forge.issueOf(key, label)))
    }
  }),
  check("The open issues of a label are listed, oldest first, each with its key and its words", function* (forge) {
    yield* same("before there are any", yield* forge.openIssues("ours"), [])
    const made: Array<Issue> = []
    for (const key of ["npm/slo", "npm/stale", "cask/slo"]) made.push((yield* forge.ensureIssue(issue(key))).issue)
    yield* forge.ensureIssue({ ...issue("other"), labels: ["other"] })
    const [first, second, third] = made
    if (second !== undefined) yield* forge.updateIssue(second, { state: "closed" })
    yield* same("while one is closed", yield* forge.openIssues("ours"), [first, third])
    if (second !== undefined) yield* forge.updateIssue(second, { state: "open" })
    yield* same("opened again", yield* forge.openIssues("ours"), [first, second, third])
    yield* same("those with a part of the label", yield* forge.openIssues("our"), [])
  }),
  check("One that is said to be no older than an instant is found all the same", function* (forge) {
    const first = yield* forge.ensureIssue({ ...issue("npm/slo"), since: 0 })
    const again = yield* forge.ensureIssue({ ...issue("npm/slo"), since: 0 })
    yield* same("the second answer", [again.created, again.issue.number], [false, first.issue.number])
  }),
  check("What is no key makes nothing", function* (forge) {
    for (const key of ["", " ", "a b", "-->", "a>b", "a\nb", "ü", "a".repeat(201)]) {
      yield* failsWith(JSON.stringify(key), forge.ensureIssue(issue(key)), "ForgeRefused")
    }
  })
]
