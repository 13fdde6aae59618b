import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { Inherited } from "../../src/internal/environment.ts"
import { blobOf, makeCommits, treeLines } from "../support/fastImport.ts"
import { fingerprint } from "../support/fingerprint.ts"
import { type GitHttpServer, serveGit } from "../support/GitHttpServer.ts"
import { file, proposal, withContent } from "../support/runContent.ts"
import { git, gitMeanwhile, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

/** A batch adds, modifies and deletes; later one of its files is changed again. */
const HISTORY = [
  { branch: "main", message: "Begin", put: { "lib/kept": "kept", "recipes/gone": "gone", "recipes/old": "1\n2\n3\n" } },
  {
    branch: "main",
    message: "Batch 2026-02-06-001",
    put: { "recipes/gone": undefined, "recipes/new": "new", "recipes/old": "one\n2\n3\n", "recipes/touched": "a" }
  },
  { branch: "main", message: "Repair by hand", put: { "recipes/touched": "b" } },
  ...Array.from({ length: 4 }, (_, index) => ({ branch: "main", put: { [`lib/${index}`]: `${index}` } }))
]

interface Place {
  readonly sandbox: Sandbox
  readonly server: GitHttpServer
}
/** Makes a clone at a path; answers the remote's address where it has none of its own. */
type Make = (place: Place, path: string) => Promise<string | undefined>

const clone =
  (address: (place: Place) => string, ...args: ReadonlyArray<string>): Make =>
  async (place, path) => {
    await gitMeanwhile(place.sandbox.directory, "clone", "-q", ...args, address(place), path)
    return undefined
  }
const overFile = ({ sandbox }: Place): string => `file://${sandbox.remote}`
const overHttp = ({ server }: Place): string => `${server.url}/remote.git`
const overPath = ({ sandbox }: Place): string => sandbox.remote

const stale: Make = async (place, path) => {
  await clone(overFile)(place, path)
  git(path, "reset", "-q", "--hard", "HEAD~5")
  git(path, "update-ref", "refs/remotes/origin/main", "HEAD")
  git(path, "reflog", "expire", "--expire=now", "--all")
  git(path, "gc", "-q", "--prune=now")
  return undefined
}
const linked: Make = async (place, path) => {
  await clone(overFile)(place, `${path}-main`)
  git(`${path}-main`, "worktree", "add", "-q", "--detach", path)
  return undefined
}
const empty: Make = async (place, path) => {
  git(place.sandbox.directory, "init", "-q", path)
  return overHttp(place)
}

const CLONES: ReadonlyArray<readonly [string, Make]> = [
  // Without links, by which the remote would touch the clone's files itself.
  ["a clone of a path", clone(overPath, "--no-hardlinks")],
  ["a stale clone", stale],
  ["a bare clone over HTTP", clone(overHttp, "--bare")],
  ["a linked work tree", linked],
  ["a repository without a commit, from an address", empty],
  ["a clone of one commit", clone(overFile, "--depth=1", "--single-branch")],
  ["a clone of three commits over HTTP", clone(overHttp, "--depth=3")],
  ["a bare clone of one commit of another branch", clone(overFile, "--depth=1", "--bare", "--branch=aside")],
  ["a clone without blobs", clone(overFile, "--filter=blob:none")],
  ["a bare clone without blobs over HTTP", clone(overHttp, "--bare", "--filter=blob:none")],
  ["a clone of one commit without blobs", clone(overHttp, "--depth=1", "--filter=blob:none")],
  ["a bare clone without trees", clone(overFile, "--bare", "--filter=tree:0")]
]

const keepsItsWord = (format: "sha1" | "sha256", clones: typeof CLONES): void => {
  describe(`With ${format}, content is read and proposed from`, () => {
    let place: Place
    let ids: ReadonlyArray<string>
    beforeAll(async () => {
      const sandbox = makeSandbox(format)
      git(sandbox.remote, "update-ref", "-d", "refs/heads/main")
      git(sandbox.remote, "config", "uploadpack.allowFilter", "true")
      git(sandbox.remote, "config", "http.receivepack", "true")
      ids = makeCommits(sandbox.remote, [...HISTORY, { branch: "aside", put: { other: "other" } }])
      place = { sandbox, server: await serveGit(sandbox.directory) }
    })
    afterAll(async () => {
      await place.server.close()
      place.sandbox.dispose()
    })

    it.each(clones.map(([name, make], index) => ({ index, make, name })))("$name", async ({ index, make }) => {
      const { remote } = place.sandbox
      const cwd = join(place.sandbox.directory, `clone-${index}`)
      const address = (await make(place, cwd)) ?? "origin"
      const before = fingerprint(cwd)
      const [begun = "", batched = "", repaired = ""] = ids
      const branch = `rollback/${index}`
      const entryOf = (text: string) => file(blobOf(remote, text))
      const answers = await withContent(
        layerRemote({ remote: address, repository: cwd, timeoutMillis: 20_000 }),
        (content) =>
          Effect.gen(function* () {
            const tip = yield* content.tip
            const differences = yield* content.differences(begun, batched)
            const paths = ["recipes/gone", "recipes/new", "recipes/old", "recipes/touched", "recipes"]
            const current = yield* content.entriesAt(tip.id, paths)
            const changedBy = yield* content.changedBy(paths, batched, tip.id, 5)
            const held = yield* content.everHeld(new Map([["recipes/gone", entryOf("gone")]]), tip.id)
            const never = yield* content.everHeld(new Map([["recipes/gone", entryOf("kept")]]), tip.id)
            const history = yield* content.history(tip.id, ({ subject }) => subject.startsWith("Batch "))
            const base = yield* content.mergeBase(tip.id, repaired)
            const missing = yield* content.missingBlobs([entryOf("gone").blob, "7".repeat(tip.id.length)])
            const merged = yield* content.merge(entryOf("1\n2\n3\n"), entryOf("one\n2\n3\n"), entryOf("one\n2\n3\n"))
            const entries = {
              "recipes/gone": entryOf("gone"),
              "recipes/new": undefined,
              "recipes/old": merged.entry
            }
            const proposed = yield* content.propose(proposal(tip.id, entries, { branch }))
            return { base, changedBy, current, differences, held, history, merged, missing, never, proposed, tip }
          })
      )
      const head = git(remote, "rev-parse", "main")
      assert.equal(answers.tip.id, head)
      assert.equal(answers.base, repaired)
      assert.deepEqual(
        answers.differences.changes.map(({ path }) => path),
        ["recipes/gone", "recipes/new", "recipes/old", "recipes/touched"]
      )
      assert.deepEqual([...answers.current.keys()].sort(), ["recipes", "recipes/new", "recipes/old", "recipes/touched"])
      assert.equal(answers.current.get("recipes")?.mode, "040000")
      assert.deepEqual(
        [...answers.changedBy].map(([path, commits]) => [path, commits.map(({ id }) => id)]),
        [["recipes/touched", [repaired]]]
      )
      assert.deepEqual([answers.held, answers.never], [true, false])
      assert.deepEqual(
        answers.history.map(({ commit, difference }) => [commit.id, difference]),
        [[batched, answers.differences]]
      )
      assert.deepEqual(answers.missing, ["7".repeat(head.length)])
      assert.deepEqual(answers.proposed, {
        branch,
        commit: git(remote, "rev-parse", branch),
        onto: head,
        resumed: false
      })
      const entry = (text: string, path: string) => `100644 blob ${blobOf(remote, text)}\t${path}`
      assert.deepEqual(treeLines(remote, branch), [
        ...treeLines(remote, "main").filter((line) => line.includes("\tlib/")),
        entry("gone", "recipes/gone"),
        entry("1\n2\n3\n", "recipes/old"),
        entry("b", "recipes/touched")
      ])
      git(remote, "fsck", "--strict", "--no-dangling")
      assert.deepEqual(fingerprint(cwd), before)
    })
  })
}

describe("What a clone holds", () => {
  it.each([
    ["a bare clone", ["--bare"]],
    ["a clone of one commit", ["--depth=1"]],
    ["a bare clone without blobs", ["--bare", "--filter=blob:none"]]
  ])("is not fetched again: %s", async (_, args) => {
    const sandbox = makeSandbox()
    const [path, trace] = ["clone-of-it", "trace"].map((name) => join(sandbox.directory, name)) as [string, string]
    git(sandbox.remote, "config", "uploadpack.allowFilter", "true")
    git(sandbox.directory, "clone", "-q", ...args, `file://${sandbox.remote}`, path)
    const layer = layerRemote({ remote: "origin", repository: path, timeoutMillis: 20_000 })
    await withContent(layer, (content) =>
      Effect.gen(function* () {
        const tip = yield* content.tip
        yield* content.entriesAt(tip.id, ["recipe.txt"])
        yield* content.differences(undefined, tip.id)
        yield* content.propose(proposal(tip.id, { "recipe.txt": undefined }))
      }).pipe(Effect.provideService(Inherited, { ...process.env, GIT_TRACE: trace }))
    )
    const programs = [...readFileSync(trace, "utf8").matchAll(/built-in: git (\S+)/g)].map(([, name]) => name)
    sandbox.dispose()
    assert.ok(programs.includes("push") && !programs.includes("fetch"), programs.join())
  })
})

keepsItsWord("sha1", CLONES)
keepsItsWord(
  "sha256",
  CLONES.filter(([name]) => /a path|of one commit$|without blobs over/.test(name))
)
