/**
 * What every forge promises, as checks that any test framework can run. Each needs a forge of its own whose repository
 * has a branch `main`, and a bench to do there what people and their git do.
 */
import * as Option from "effect/Option"
import type { PullRequestDraft } from "../port/Forge.ts"
import { failsWith, isTrue, same } from "./Contract.ts"
import { check, type ForgeCheck } from "./ForgeCheck.ts"
import { issueChecks } from "./ForgeIssueChecks.ts"

const draft = (head: string, labels: ReadonlyArray<string> = []): PullRequestDraft => ({
  base: "main",
  body: `Why ${head}\n\nAt length.`,
  head,
  labels,
  title: `Take ${head}`
})

const opening: ReadonlyArray<ForgeCheck> = [
  check("A pull request is what was asked for, and is found by its number and its branch", function* (forge, bench) {
    const commit = yield* bench.push("side/a")
    const { created, pullRequest } = yield* forge.openPullRequest(draft("side/a", ["ours", "second"]))
    yield* isTrue("it was created", created)
    const { address, number, ...rest } = pullRequest
    yield* same("the head", rest.head, { branch: "side/a", commit })
    yield* same("the rest", [rest.base, rest.title, rest.body], ["main", "Take side/a", "Why side/a\n\nAt length."])
    yield* same("its labels", [...rest.labels].sort(), ["ours", "second"])
    yield* same("where it stands", [rest.state, rest.isForeign, rest.mergesItself], ["open", false, false])
    yield* isTrue("it has not landed", rest.landedIn === undefined)
    yield* isTrue("people can open it", /^https?:\/\/\S+$/.test(address))
    const found = Option.getOrUndefined(yield* forge.pullRequest(number))
    yield* same("the one of this number", [found?.number, found?.address], [number, address])
    const ofBranch = yield* forge.pullRequestsOf("side/a")
    yield* same("those of the branch", [ofBranch.length, ofBranch[0]?.number], [1, number])
  }),
  check(
    "Opening again answers the open one, its words left as they are, and adds its labels",
    function* (forge, bench) {
      yield* bench.push("side/a")
      const first = yield* forge.openPullRequest(draft("side/a", ["first"]))
      const again = yield* forge.openPullRequest({ ...draft("side/a", ["ours"]), title: "Other words" })
      yield* same("the answer", [again.created, again.pullRequest.number], [false, first.pullRequest.number])
      const found = (yield* forge.pullRequestsOf("side/a")).map(({ labels, title }) => [title, [...labels].sort()])
      yield* same("all there are", found, [["Take side/a", ["first", "ours"]]])
      yield* same("its labels", [...again.pullRequest.labels].sort(), ["first", "ours"])
    }
  ),
  check("Once it is closed another can be opened, and the newest comes first", function* (forge, bench) {
    yield* bench.push("side/a")
    const first = yield* forge.openPullRequest(draft("side/a"))
    yield* bench.close(first.pullRequest.number)
    const second = yield* forge.openPullRequest(draft("side/a"))
    yield* isTrue("it is another", second.created && second.pullRequest.number !== first.pullRequest.number)
    const all = yield* forge.pullRequestsOf("side/a")
    const found = all.map(({ number, state }) => `${number} ${state}`)
    yield* same("all of the branch", found, [`${second.pullRequest.number} open`, `${first.pullRequest.number} closed`])
  }),
  check("A branch is named exactly", function* (forge, bench) {
    yield* bench.push("side/a")
    yield* forge.openPullRequest(draft("side/a"))
    for (const near of ["side", "side/", "side/a2", "a", "side/A", "*"]) {
      yield* same(`those of ${near}`, yield* forge.pullRequestsOf(near), [])
    }
  }),
  check("A branch that is not there cannot be asked for", function* (forge) {
    yield* failsWith("opening", forge.openPullRequest(draft("side/none")), "ForgeRefused")
  }),
  check("A number that is not there is none, and nothing can be done to it", function* (forge) {
    yield* isTrue("there is none", Option.isNone(yield* forge.pullRequest(4711)))
    yield* failsWith("a change", forge.updatePullRequest(4711, { title: "Other" }), "ForgeRefused")
    yield* failsWith("keeping it", forge.disableAutoMerge(4711), "ForgeRefused")
  })
]

const changing: ReadonlyArray<ForgeCheck> = [
  check("A change changes what it names and nothing else", function* (forge, bench) {
    yield* bench.push("side/a")
    const { number } = (yield* forge.openPullRequest(draft("side/a", ["ours"]))).pullRequest
    const titled = yield* forge.updatePullRequest(number, { title: "Other" })
    yield* same("the first", [titled.title, titled.body, titled.labels], ["Other", draft("side/a").body, ["ours"]])
    const told = yield* forge.updatePullRequest(number, { body: "" })
    yield* same("the second", [told.title, told.body, told.state], ["Other", "", "open"])
  }),
  check("Labels are added to those that are there; a label lists what is open, oldest first", function* (forge, bench) {
    const numbers: Array<number> = []
    for (const branch of ["side/a", "side/b", "side/c", "side/d"]) {
      yield* bench.push(branch)
      numbers.push((yield* forge.openPullRequest(draft(branch, ["first"]))).pullRequest.number)
    }
    const [a = 0, , c = 0, d = 0] = numbers
    for (const number of [d, a, c]) yield* forge.addLabels(number, ["ours"])
    yield* forge.addLabels(a, ["ours"])
    yield* bench.close(c)
    const listed = yield* forge.openPullRequests("ours")
    const found = listed.map(({ labels, number }) => `${number} ${[...labels].sort()}`)
    yield* same("those with the label", found, [`${a} first,ours`, `${d} first,ours`])
    yield* same("those with a part of it", yield* forge.openPullRequests("our"), [])
    const [, b = 0] = numbers
    const all = (yield* forge.openPullRequests()).map(({ number }) => number)
    yield* same("those with any label, or none", all, [a, b, d])
  }),
  check("One that does not land by itself would not have", function* (forge, bench) {
    yield* bench.push("side/a")
    const { number } = (yield* forge.openPullRequest(draft("side/a"))).pullRequest
    yield* same("whether it would have", yield* forge.disableAutoMerge(number), false)
  })
]

const landing: ReadonlyArray<ForgeCheck> = (["merge", "squash", "rebase"] as const).map((method) =>
  check(`One that is landed by ${method} is merged and names the commit`, function* (forge, bench) {
    const head = yield* bench.push("side/a")
    const { number } = (yield* forge.openPullRequest(draft("side/a", ["ours"]))).pullRequest
    const commit = yield* forge.mergePullRequest(number, { head, method })
    const found = Option.getOrUndefined(yield* forge.pullRequest(number))
    yield* same("what became of it", [found?.state, found?.landedIn], ["merged", commit])
    yield* same("its head", found?.head, { branch: "side/a", commit: head })
    yield* same("what is open", yield* forge.openPullRequests("ours"), [])
  })
)

const moved: ReadonlyArray<ForgeCheck> = [
  check("One whose branch is elsewhere does not land", function* (forge, bench) {
    const elsewhere = yield* bench.push("side/b")
    yield* bench.push("side/a")
    const { number } = (yield* forge.openPullRequest(draft("side/a"))).pullRequest
    const merge = forge.mergePullRequest(number, { head: elsewhere, method: "squash" })
    yield* failsWith("landing it", merge, "ForgeRefused")
    yield* same("what became of it", Option.getOrUndefined(yield* forge.pullRequest(number))?.state, "open")
  }),
  check("An open one follows its branch", function* (forge, bench) {
    yield* bench.push("side/a")
    const { number } = (yield* forge.openPullRequest(draft("side/a"))).pullRequest
    const newer = yield* bench.push("side/a")
    yield* same("its head", Option.getOrUndefined(yield* forge.pullRequest(number))?.head.commit, newer)
  })
]

const checks: ReadonlyArray<ForgeCheck> = [
  check("A verdict takes the place of the one that was said before under its name", function* (forge, bench) {
    const commit = yield* bench.push("side/a")
    const about = { commit, says: "Paused by on-call." }
    for (const verdict of ["pending", "failure", "success", "failure"] as const) {
      yield* forge.setCheck({ ...about, name: "brake", verdict })
      yield* same("the checks", yield* bench.checks(commit), [{ name: "brake", verdict }])
    }
    yield* forge.setCheck({ ...about, name: "other", says: "y".repeat(1000), verdict: "success" })
    const names = (yield* bench.checks(commit)).map(({ name, verdict }) => `${name} ${verdict}`)
    yield* same("both", [...names].sort(), ["brake failure", "other success"])
  })
]

/** All checks. Each runs against a fresh forge. */
export const forgeContract: ReadonlyArray<ForgeCheck> = [
  ...opening,
  ...changing,
  ...landing,
  ...moved,
  ...issueChecks,
  ...checks
]
