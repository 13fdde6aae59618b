/**
 * What every control store promises, as checks that any test framework can run: each needs a store of its own that has no
 * branch yet, and succeeds, or fails saying what was broken.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import {
  type Change,
  CONTROL_PATH,
  type ControlMissing,
  ControlStore,
  type Snapshot,
  type StoreCorrupt,
  type StoreRefused,
  type StoreUnavailable,
  type VersionConflict,
  type Wanted
} from "../port/ControlStore.ts"
import { type ContractBroken, failsWith, isTrue, same } from "./Contract.ts"

type StoreError = ControlMissing | VersionConflict | StoreUnavailable | StoreRefused | StoreCorrupt

export interface ContractCheck {
  /** A sentence that is true of every control store. */
  readonly name: string
  readonly run: Effect.Effect<void, ContractBroken | StoreError, ControlStore>
}

const NOTHING: Wanted = { directories: [], files: [] }
const DEEP = "a/b/c"

const change = (
  control: string,
  files: Readonly<Record<string, string | undefined>> = {},
  message = control
): Change => ({
  files: new Map([[CONTROL_PATH, control], ...Object.entries(files)]),
  message: () => message
})

const sorted = (snapshot: Snapshot): ReadonlyArray<readonly [string, string]> =>
  [...snapshot.files].sort(([a], [b]) => (a < b ? -1 : 1))

const check = (
  name: string,
  body: (store: ControlStore["Service"]) => Generator<Effect.Effect<unknown, ContractBroken | StoreError>, void>
): ContractCheck => ({ name, run: Effect.flatMap(ControlStore, (store) => Effect.gen(() => body(store))) })

const births: ReadonlyArray<ContractCheck> = [
  check("A store without a branch says that it is missing", function* (store) {
    yield* failsWith("a read", store.read(NOTHING), "ControlMissing")
  }),
  check("The first commit makes the branch", function* (store) {
    const version = yield* store.commit(undefined, change("one", { other: "two" }))
    const snapshot = yield* store.read({ directories: [], files: ["other"] })
    yield* same("the version", snapshot.version, version)
    yield* same("the content", sorted(snapshot), [
      [CONTROL_PATH, "one"],
      ["other", "two"]
    ])
  }),
  check("A second creator conflicts and changes nothing", function* (store) {
    const version = yield* store.commit(undefined, change("one"))
    yield* failsWith("a second creation", store.commit(undefined, change("two")), "VersionConflict")
    const snapshot = yield* store.read(NOTHING)
    yield* same("the version", snapshot.version, version)
    yield* same("the control file", snapshot.files.get(CONTROL_PATH), "one")
  }),
  check("A commit on a branch that does not exist conflicts and makes none", function* (store) {
    const nowhere = "0123456789012345678901234567890123456789"
    yield* failsWith("a commit on nothing", store.commit(nowhere, change("one")), "VersionConflict")
    yield* failsWith("a read", store.read(NOTHING), "ControlMissing")
  })
]

const swaps: ReadonlyArray<ContractCheck> = [
  check("A commit on a version that is no longer the newest conflicts and leaves no trace", function* (store) {
    const first = yield* store.commit(undefined, change("one"))
    const second = yield* store.commit(first, change("two"))
    const stale = store.commit(first, change("three", { trace: "of it" }))
    yield* failsWith("a stale commit", stale, "VersionConflict")
    const snapshot = yield* store.read({ directories: [], files: ["trace"] })
    yield* same("the version", snapshot.version, second)
    yield* same("the content", sorted(snapshot), [[CONTROL_PATH, "two"]])
  }),
  check("Of committers who read the same version, exactly one wins", function* (store) {
    const first = yield* store.commit(undefined, change("one"))
    const commits = ["a", "b", "c"].map((text) => Effect.result(store.commit(first, change(text))))
    const results = yield* Effect.all(commits, { concurrency: "unbounded" })
    const winners = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
    const reasons = results.flatMap((result) => (Result.isFailure(result) ? [result.failure._tag] : []))
    yield* same("the number of winners", winners.length, 1)
    yield* same("what the others got", reasons, ["VersionConflict", "VersionConflict"])
    yield* same("the version", (yield* store.read(NOTHING)).version, winners[0])
  }),
  check("Who lost can read again and commit on that", function* (store) {
    const first = yield* store.commit(undefined, change("one"))
    yield* store.commit(first, change("two"))
    yield* failsWith("a stale commit", store.commit(first, change("three")), "VersionConflict")
    const { version } = yield* store.read(NOTHING)
    const third = yield* store.commit(version, change("three"))
    yield* same("the version", (yield* store.read(NOTHING)).version, third)
  })
]

const FILES = { [`${DEEP}/deep.json`]: "deep", "a/b/one": "1", "a/b/two": "2", "a/other": "3", top: "4" }

const contents: ReadonlyArray<ContractCheck> = [
  check("A read answers exactly the wanted files: of a directory those directly in it", function* (store) {
    yield* store.commit(undefined, change("one", FILES))
    const snapshot = yield* store.read({ directories: ["a/b", "missing"], files: ["top", "a/b/none", "a/b", "top/x"] })
    yield* same("the content", sorted(snapshot), [
      ["a/b/one", "1"],
      ["a/b/two", "2"],
      [CONTROL_PATH, "one"],
      ["top", "4"]
    ])
    yield* same("no wish", sorted(yield* store.read(NOTHING)), [[CONTROL_PATH, "one"]])
  }),
  check("A read answers every file below a wanted tree, at any depth", function* (store) {
    yield* store.commit(undefined, change("one", { ...FILES, "a/c/one": "5" }))
    const snapshot = yield* store.read({ directories: [], files: ["top"], trees: ["a/b", "missing", "top"] })
    yield* same("the content", sorted(snapshot), [
      [`${DEEP}/deep.json`, "deep"],
      ["a/b/one", "1"],
      ["a/b/two", "2"],
      [CONTROL_PATH, "one"],
      ["top", "4"]
    ])
  }),
  check("A commit changes the files that it names and keeps all others", function* (store) {
    const first = yield* store.commit(undefined, change("one", FILES))
    const added = { "a/b/c/more": "5", "a/b/one": "changed", "new/file": "6" }
    yield* store.commit(first, change("two", added))
    const wanted = { directories: ["a", "a/b", DEEP, "new"], files: ["top"] }
    yield* same("the content", Object.fromEntries(sorted(yield* store.read(wanted))), {
      "a/b/c/deep.json": "deep",
      "a/b/c/more": "5",
      "a/b/one": "changed",
      "a/b/two": "2",
      "a/other": "3",
      [CONTROL_PATH]: "two",
      "new/file": "6",
      top: "4"
    })
  }),
  check("A file can be removed, also the last one of its directory, also one that is not there", function* (store) {
    const first = yield* store.commit(undefined, change("one", FILES))
    const gone = { [`${DEEP}/deep.json`]: undefined, "a/b/one": undefined, "never/was": undefined }
    yield* store.commit(first, change("two", gone))
    const left = yield* store.read({ directories: ["a/b", DEEP, "never"], files: [`${DEEP}/deep.json`, "a/other"] })
    yield* same("the content", sorted(left), [
      ["a/b/two", "2"],
      ["a/other", "3"],
      [CONTROL_PATH, "two"]
    ])
  }),
  check("Texts come back as they were: empty ones, other scripts, large ones", function* (store) {
    const texts = {
      "deep/down/ünï.json": "grün ✓ 漢字 😀\r\n\ttab",
      "texts/bom": "\uFEFFwith a mark",
      "texts/empty": "",
      "texts/large": "0123456789abcdef".repeat(65_536),
      "texts/no newline": "a\nb"
    }
    yield* store.commit(undefined, change('{ "a": 1 }\n', texts))
    const snapshot = yield* store.read({ directories: ["texts"], files: ["deep/down/ünï.json"] })
    for (const [path, text] of Object.entries(texts)) yield* same(path, snapshot.files.get(path), text)
  })
]

const MESSAGE = "npm: tripped, 4 of 10 passed ✓\n\nWhy, at length,\n\n  with a second paragraph — größer.\n\n"

const messages: ReadonlyArray<ContractCheck> = [
  check("The message comes back byte for byte", function* (store) {
    const full = `${MESSAGE}Batchbrake-Event: RunCompleted\n{"payload":"{\\"a\\":1}"}\n# not a comment\n\ntrailing text`
    const first = yield* store.commit(undefined, change("one", {}, full))
    yield* same("the message", (yield* store.read(NOTHING)).message, full)
    yield* store.commit(first, change("two", {}, MESSAGE))
    yield* same("the message with blank lines at its end", (yield* store.read(NOTHING)).message, MESSAGE)
  }),
  check("The message is made with the digest that the control file then has", function* (store) {
    yield* store.commit(undefined, { files: new Map([[CONTROL_PATH, "one"]]), message: (digest) => `is ${digest}` })
    const snapshot = yield* store.read(NOTHING)
    yield* same("the message", snapshot.message, `is ${snapshot.controlDigest}`)
  }),
  check("The digest changes exactly when the text of the control file does", function* (store) {
    const digests: Array<string | undefined> = []
    let version: string | undefined
    for (const [control, other] of [
      ["one", "a"],
      ["one", "b"],
      ["two", "b"],
      ["one", "c"]
    ] as const) {
      version = yield* store.commit(version, change(control, { other }, `${control} ${other}`))
      digests.push((yield* store.read(NOTHING)).controlDigest)
    }
    yield* isTrue("a digest is there", digests[0] !== undefined && digests[0] !== "")
    yield* isTrue("the same text has the same digest", digests[0] === digests[1] && digests[0] === digests[3])
    yield* isTrue("another text has another digest", digests[2] !== digests[0])
  })
]

const history: ReadonlyArray<ContractCheck> = [
  check("Going back finds this version itself, an older one, or none", function* (store) {
    const versions: Array<string> = []
    for (const text of ["one", "two", "three"]) versions.push(yield* store.commit(versions.at(-1), change(text)))
    const [first = "", second, third = ""] = versions
    const { controlDigest } = yield* store.read(NOTHING)
    const itself = yield* store.findBack(third, (commit) => commit.controlDigest === controlDigest)
    yield* same("the version itself", Option.getOrUndefined(itself)?.version, third)
    const older = Option.getOrUndefined(yield* store.findBack(third, ({ message }) => message !== "three"))
    yield* same("the newest older one", [older?.version, older?.message], [second, "two"])
    yield* same("its control file", older?.files.get(CONTROL_PATH), "two")
    const oldest = yield* store.findBack(third, ({ message }) => message === "one")
    yield* same("the oldest", Option.getOrUndefined(oldest)?.version, first)
    yield* same("one that never was", (yield* store.findBack(third, () => false))._tag, "None")
    const newer = yield* store.findBack(first, ({ message }) => message === "three")
    yield* same("one that is newer", newer._tag, "None")
  })
]

/** All checks. Each runs against a fresh store. */
export const controlStoreContract: ReadonlyArray<ContractCheck> = [
  ...births,
  ...swaps,
  ...contents,
  ...messages,
  ...history
]
