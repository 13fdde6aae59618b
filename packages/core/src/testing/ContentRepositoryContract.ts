/**
 * What every content repository promises, as checks that any test framework can run. Each needs a repository whose content
 * branch has one commit without a file, and a bench to put commits there as people and forges do.
 */
import * as Effect from "effect/Effect"
import type { TreeEntry } from "../batch/TreeEntry.ts"
import { ContentRepository, type PathOccupied, type Proposal, type RevisionUnknown } from "../port/ContentRepository.ts"
import type { StoreCorrupt, StoreRefused, StoreUnavailable } from "../port/ControlStore.ts"
import { type ContractBroken, failsWith, isTrue, same } from "./Contract.ts"

/** Path -> text, `undefined` to remove it. */
export type BenchEdits = Readonly<Record<string, string | undefined>>

export interface ContentBench {
  /** Commits on the content branch, or on a side branch that begins at the content branch's tip; answers the commit. */
  readonly commit: (message: string, edits: BenchEdits, side?: string) => string
  /** Merges a side branch into the content branch by a merge commit that changes just this of it; answers the commit. */
  readonly merge: (side: string, message: string, edits: BenchEdits) => string
  /** The entry of an ordinary file that holds a text. */
  readonly entryOf: (text: string) => TreeEntry
  /** A branch name that no other check uses. */
  readonly branch: (name: string) => string
}

type ContentError = RevisionUnknown | PathOccupied | StoreUnavailable | StoreRefused | StoreCorrupt
type Step = Effect.Effect<unknown, ContractBroken | ContentError>

export interface ContentCheck {
  /** A sentence that is true of every content repository. */
  readonly name: string
  readonly run: (bench: ContentBench) => Effect.Effect<void, ContractBroken | ContentError, ContentRepository>
}

const check = (
  name: string,
  body: (content: ContentRepository["Service"], bench: ContentBench) => Generator<Step, void>
): ContentCheck => ({
  name,
  run: (bench) => Effect.flatMap(ContentRepository, (content) => Effect.gen(() => body(content, bench)))
})

const NOWHERE = "0123456789abcdef0123456789abcdef01234567"

const reading: ReadonlyArray<ContentCheck> = [
  check("The tip is the newest commit, with its parent and what people read of it", function* (content, bench) {
    const first = bench.commit("Add a", { a: "1" })
    const second = bench.commit("Change a\n\nBecause it was old.\n", { a: "2" })
    const tip = yield* content.tip
    yield* same("the tip", [tip.id, tip.parent, tip.subject], [second, first, "Change a"])
    yield* isTrue("the message has its body", tip.message.includes("Because it was old."))
    yield* same("a commit by its ID", (yield* content.commitAt(first)).subject, "Add a")
  }),
  check("A revision that nobody knows is said to be unknown", function* (content, bench) {
    bench.commit("Add a", { a: "1" })
    yield* failsWith("a commit", content.commitAt(NOWHERE), "RevisionUnknown")
    yield* failsWith("a name", content.commitAt(bench.branch("nobody")), "RevisionUnknown")
    yield* failsWith("a difference", content.differences(NOWHERE, (yield* content.tip).id), "RevisionUnknown")
    yield* failsWith("entries", content.entriesAt(NOWHERE, ["a"]), "RevisionUnknown")
  }),
  check(
    "A difference has every path on both sides, and a rename as what goes and what comes",
    function* (content, bench) {
      const base = bench.commit("Add", { "d/gone": "same text", "d/kept": "k", "d/modified": "1" })
      const head = bench.commit("Change", { "d/come": "same text", "d/gone": undefined, "d/modified": "2" })
      const of = bench.entryOf
      const { changes, notBlobs } = yield* content.differences(base, head)
      yield* same("what is no file", notBlobs, [])
      yield* same(
        "the paths",
        changes.map(({ after, before, path }) => [path, before?.blob ?? null, after?.blob ?? null]),
        [
          ["d/come", null, of("same text").blob],
          ["d/gone", of("same text").blob, null],
          ["d/modified", of("1").blob, of("2").blob]
        ]
      )
      const all = yield* content.differences(undefined, head)
      yield* same(
        "a whole tree",
        all.changes.map(({ path }) => path),
        ["d/come", "d/kept", "d/modified"]
      )
      yield* same("nothing", (yield* content.differences(head, head)).changes, [])
    }
  ),
  check("Entries are of the commit that was named; what is not there is not in the answer", function* (content, bench) {
    const old = bench.commit("Add", { "d/a": "1", "d/b": "2" })
    bench.commit("Change", { "d/a": "3" })
    const entries = yield* content.entriesAt(old, ["d/a", "d/none", "d", "d/a/below"])
    yield* same("the paths", [...entries.keys()].sort(), ["d", "d/a"])
    yield* same("the file", entries.get("d/a"), bench.entryOf("1"))
    yield* same("the directory", entries.get("d")?.mode, "040000")
  }),
  check("Blobs that nobody has are named, and no others", function* (content, bench) {
    bench.commit("Add", { a: "held" })
    const { blob } = bench.entryOf("held")
    yield* same("the missing", yield* content.missingBlobs([NOWHERE, blob]), [NOWHERE])
    yield* same("of none", yield* content.missingBlobs([]), [])
  })
]

const walking: ReadonlyArray<ContentCheck> = [
  check("Where a branch forked off is the newest commit that both have", function* (content, bench) {
    const fork = bench.commit("Fork", { a: "1" })
    const side = bench.commit("Side", { b: "1" }, bench.branch("side"))
    const main = bench.commit("Main", { a: "2" })
    yield* same("the fork", yield* content.mergeBase(main, side), fork)
    yield* same("of itself", yield* content.mergeBase(main, main), main)
    yield* same("of an ancestor", yield* content.mergeBase(fork, main), fork)
  }),
  check("The commits that changed a path come newest first, after the one that was named", function* (content, bench) {
    const begin = bench.commit("Add", { a: "1", b: "1", c: "1" })
    const second = bench.commit("Second", { a: "2" })
    const third = bench.commit("Third", { a: "3", b: "2" })
    const ids = (found: ReadonlyMap<string, ReadonlyArray<{ readonly id: string }>>) =>
      [...found]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([path, steps]) => [path, steps.map(({ id }) => id)])
    const all = yield* content.changedBy(["a", "b", "c"], begin, third, 5)
    yield* same("since the first", ids(all), [
      ["a", [third, second]],
      ["b", [third]]
    ])
    yield* same("at most one", ids(yield* content.changedBy(["a"], begin, third, 1)), [["a", [third]]])
    yield* same("since the last", ids(yield* content.changedBy(["a"], third, third, 5)), [])
  }),
  check("What a branch changed counts where it was merged", function* (content, bench) {
    const begin = bench.commit("Add", { a: "1" })
    const side = bench.branch("side")
    bench.commit("On the side", { a: "2" }, side)
    const merge = bench.merge(side, "Merge the side", { a: "2" })
    const changed = yield* content.changedBy(["a"], begin, merge, 5)
    yield* same(
      "the steps",
      changed.get("a")?.map(({ id }) => id),
      [merge]
    )
    const steps = yield* content.history(merge, ({ subject }) => subject !== "Add")
    yield* isTrue(
      "the merge is a step of the branch",
      steps.some(({ commit }) => commit.id === merge)
    )
    yield* isTrue("what it merged is none", !steps.some(({ commit }) => commit.subject === "On the side"))
    const of = (text: string) => new Map([["a", bench.entryOf(text)]])
    yield* same("the side's was held", yield* content.everHeld(of("2"), merge), true)
  }),
  check("What once stood at a path was held, what stood elsewhere or never was not", function* (content, bench) {
    bench.commit("Add", { a: "1" })
    const tip = bench.commit("Change", { a: "2", b: "3" })
    const held = (path: string, text: string) => content.everHeld(new Map([[path, bench.entryOf(text)]]), tip)
    yield* same("once", yield* held("a", "1"), true)
    yield* same("now", yield* held("a", "2"), true)
    yield* same("elsewhere", yield* held("a", "3"), false)
    yield* same("never", yield* held("b", "9"), false)
  }),
  check("The history has the accepted commits, newest first, each with what it did", function* (content, bench) {
    const first = bench.commit("batch one", { a: "1" })
    bench.commit("other", { b: "1" })
    const second = bench.commit("batch two", { a: undefined })
    const steps = yield* content.history(second, ({ subject }) => subject.startsWith("batch"))
    yield* same(
      "the steps",
      steps.map(({ commit, difference }) => [commit.id, difference.changes.map(({ path }) => path)]),
      [
        [second, ["a"]],
        [first, ["a"]]
      ]
    )
  })
]

const merging: ReadonlyArray<ContentCheck> = [
  check("A merge takes a change out where it stands by itself, and says where it cannot", function* (content, bench) {
    const [before, after] = ["one\ntwo\nthree\nfour\n", "one\nTWO\nthree\nfour\n"]
    const [apart, upon] = ["one\nTWO\nthree\nFOUR\n", "one\ntoo\nthree\nfour\n"]
    bench.commit("Add", { after, apart, before, expected: "one\ntwo\nthree\nFOUR\n", upon })
    const of = bench.entryOf
    const { entry } = yield* content.merge(of(before), of(after), of(apart))
    yield* same("the merge", entry, of("one\ntwo\nthree\nFOUR\n"))
    yield* same("the conflict", (yield* content.merge(of(before), of(after), of(upon))).entry ?? null, null)
  })
]

const proposal = (bench: ContentBench, onto: string, entries: Proposal["entries"], more: Partial<Proposal> = {}) => ({
  at: 1_800_000_000_000,
  branch: bench.branch("proposal"),
  entries,
  isOurs: ({ message }: { readonly message: string }) => message.includes("Rollback-Of: it"),
  message: "Roll it back\n\nRollback-Of: it\n",
  onto,
  ...more
})

const proposing: ReadonlyArray<ContentCheck> = [
  check("A proposal is one commit that changes what it says, and the content branch stays", function* (content, bench) {
    const { a, gone } = { a: bench.entryOf("1"), gone: undefined }
    bench.commit("Add", { "d/a": "1", "d/b": "1", kept: "k" })
    const tip = bench.commit("Change", { "d/a": "2" })
    const entries = new Map([
      ["d/a", a],
      ["d/b", gone]
    ])
    const proposed = yield* content.propose(proposal(bench, tip, entries))
    yield* same("it", [proposed.branch, proposed.onto, proposed.resumed], [bench.branch("proposal"), tip, false])
    const commit = yield* content.commitAt(proposed.commit)
    yield* same("its parent", [commit.parent, commit.subject], [tip, "Roll it back"])
    const { changes } = yield* content.differences(tip, proposed.commit)
    yield* same(
      "what it changes",
      changes.map(({ after, path }) => [path, after ?? null]),
      [
        ["d/a", a],
        ["d/b", null]
      ]
    )
    yield* same("the tip", (yield* content.tip).id, tip)
  }),
  check("The same again is the one that is there, also when the content branch moved on", function* (content, bench) {
    bench.commit("Add", { a: "1", b: "1" })
    const tip = bench.commit("Change", { a: "2" })
    const entries = new Map([["a", bench.entryOf("1")]])
    const first = yield* content.propose(proposal(bench, tip, entries))
    const again = { ...first, resumed: true }
    yield* same("the second", yield* content.propose(proposal(bench, tip, entries)), again)
    const newer = bench.commit("Elsewhere", { b: "2" })
    yield* same("the third", yield* content.propose(proposal(bench, newer, entries)), again)
  }),
  check("A branch of somebody else's stays as it is, and so does one with other content", function* (content, bench) {
    const theirs = bench.commit("Theirs", { a: "1" }, bench.branch("proposal"))
    const tip = bench.commit("Change", { a: "2" })
    const entries = new Map([["a", bench.entryOf("1")]])
    const second = yield* content.propose(proposal(bench, tip, entries))
    yield* same("the second name", second.branch, `${bench.branch("proposal")}-2`)
    const other = yield* content.propose(proposal(bench, tip, new Map([["a", undefined]])))
    yield* same("the third name", other.branch, `${bench.branch("proposal")}-3`)
    yield* same("theirs", (yield* content.commitAt(theirs)).subject, "Theirs")
  }),
  check("Nothing is put below a file that stays", function* (content, bench) {
    const tip = bench.commit("Add", { a: "1" })
    const entries = new Map([["a/below", bench.entryOf("1")]])
    yield* failsWith("a proposal", content.propose(proposal(bench, tip, entries)), "PathOccupied")
  })
]

/** Every check of the contract. */
export const contentRepositoryContract: ReadonlyArray<ContentCheck> = [...reading, ...walking, ...merging, ...proposing]
