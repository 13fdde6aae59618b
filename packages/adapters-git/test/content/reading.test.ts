import { strict as assert } from "node:assert"
import { join } from "node:path"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import type { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, it } from "vitest"
import { blobOf, makeCommits } from "../support/fastImport.ts"
import { contentFailure, file, withContent } from "../support/runContent.ts"
import { SECRET } from "../support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

/** A branch with a change that is merged by a merge commit, which is edited on the way. */
let sandbox: Sandbox
let ids: ReadonlyArray<string>
beforeAll(() => {
  sandbox = makeSandbox()
  const [root = ""] = makeCommits(sandbox.clone, [{ branch: "content", message: "Begin", put: { a: "1", b: "1" } }])
  const made = makeCommits(sandbox.clone, [
    { branch: "side", from: root, message: "Side, first", put: { a: "2" } },
    { branch: "side", message: "Side, second", put: { a: "3" } },
    { branch: "content", from: root, message: "Beside\nit\n\nWith a body\n", put: { b: "2" } },
    { branch: "content", merge: "refs/heads/side", message: "Merge side", put: { a: "3", evil: "x" } },
    { branch: "content", message: "After", put: { b: "3", evil: undefined } }
  ])
  ids = [root, ...made]
  git(sandbox.clone, "push", "-q", "origin", "content")
  git(sandbox.clone, "tag", "-a", "-m", "A tag", "v1", "content")
  git(sandbox.remote, "tag", "there", ids[3] ?? "")
})
afterAll(() => sandbox.dispose())

const [ROOT, FIRST, SECOND, BESIDE, MERGE, AFTER] = [0, 1, 2, 3, 4, 5]
const id = (index = 0): string => ids[index] ?? ""
const text = (content: string, mode?: string): TreeEntry => file(blobOf(sandbox.clone, content), mode)
const remote = (branch?: string, address = "origin"): Layer.Layer<ContentRepository> =>
  layerRemote({ branch, remote: address, repository: sandbox.clone, timeoutMillis: 20_000 })
const local = (branch?: string): Layer.Layer<ContentRepository> => layerLocal({ branch, repository: sandbox.clone })

const KINDS = [
  { kind: "remote", layer: remote },
  { kind: "local", layer: local }
] as const

describe.each(KINDS)("The history of a $kind branch", ({ layer }) => {
  it("goes from step to step of the branch, each with what it changed", async () => {
    const steps = await withContent(layer("content"), (content) => content.history(id(AFTER), () => true))
    assert.deepEqual(
      steps.map(({ commit }) => commit.id),
      [AFTER, MERGE, BESIDE, ROOT].map(id)
    )
    assert.deepEqual(
      steps.map(({ difference }) => difference.changes.map(({ path }) => path).join()),
      ["b,evil", "a,evil", "b", "a,b"]
    )
    const beside = steps[2]?.commit
    assert.deepEqual(beside, {
      committedAt: 1_700_000_120_000,
      id: id(BESIDE),
      message: "Beside\nit\n\nWith a body\n",
      parent: id(ROOT),
      subject: "Beside it"
    })
  })

  it("goes back through a long history until each path has a step, and no further", async () => {
    const branch = "long"
    const put: Readonly<Record<number, Record<string, string>>> = {
      1: { early: "1", late: "1", late2: "1" },
      50: { early: "2" },
      60: { early: "3" },
      2600: { late2: "2" },
      4300: { late: "2" },
      4400: { late: "3" }
    }
    const made = makeCommits(
      sandbox.clone,
      Array.from({ length: 4_501 }, (_, at) => ({ branch, message: `Step ${at}`, put: put[at] ?? { other: `${at}` } }))
    )
    git(sandbox.clone, "push", "-q", "origin", branch)
    const found = await withContent(layer(branch), (content) =>
      content.changedBy(["early", "late", "late2", "never"], made[2], made[4_500] ?? "", 9)
    )
    assert.deepEqual([...found].map(([path, commits]) => [path, commits.map(({ subject }) => subject)]).sort(), [
      ["early", ["Step 60", "Step 50"]],
      ["late", ["Step 4400", "Step 4300"]],
      ["late2", ["Step 2600"]]
    ])
  })

  it("names the steps that changed a path since a commit, newest first, no more than asked for", async () => {
    const ask = (paths: ReadonlyArray<string>, since: string | undefined, limit: number) =>
      withContent(layer("content"), (content) =>
        Effect.map(content.changedBy(paths, since, id(AFTER), limit), (found) =>
          Object.fromEntries([...found].map(([path, commits]) => [path, commits.map((commit) => commit.id)]))
        )
      )
    assert.deepEqual(await ask(["a", "b", "c"], undefined, 9), {
      a: [MERGE, ROOT].map(id),
      b: [AFTER, BESIDE, ROOT].map(id)
    })
    assert.deepEqual(await ask(["a", "b"], id(BESIDE), 9), { a: [id(MERGE)], b: [id(AFTER)] })
    assert.deepEqual(await ask(["b"], undefined, 2), { b: [AFTER, BESIDE].map(id) })
    assert.deepEqual(await ask(["a", "b"], id(AFTER), 9), {})
    assert.deepEqual(await ask([], undefined, 9), {})
    assert.deepEqual(await ask(["b"], undefined, 0), {})
  })

  it("knows what ever stood at a path, on merged branches and in merges as well", async () => {
    const held = (path: string, entry: TreeEntry) =>
      withContent(layer("content"), (content) => content.everHeld(new Map([[path, entry]]), id(AFTER)))
    assert.deepEqual(
      await Promise.all([
        held("a", text("1")),
        held("a", text("2")),
        held("evil", text("x")),
        held("b", text("3")),
        held("a", text("1", "100755")),
        held("b", text("x"))
      ]),
      [true, true, true, true, false, false]
    )
  })

  it("tells where a branch forked off", async () => {
    const bases = await withContent(layer("content"), (content) =>
      Effect.all([
        content.mergeBase(id(AFTER), id(SECOND)),
        content.mergeBase(id(BESIDE), id(FIRST)),
        content.mergeBase(id(AFTER), git(sandbox.clone, "rev-parse", "main"))
      ])
    )
    assert.deepEqual(bases, [id(SECOND), id(ROOT), undefined])
  })

  it("is found by any revision that the repository knows", async () => {
    const found = await withContent(layer("content"), (content) =>
      Effect.all(["content", "v1", "content~1", id(AFTER).slice(0, 12), id(FIRST)].map(content.commitAt))
    )
    assert.deepEqual(
      found.map((commit) => commit.id),
      [AFTER, AFTER, MERGE, AFTER, FIRST].map(id)
    )
    for (const revision of ["nothing", "", "--all", "content:a", "content^{tree}", "7".repeat(40), "7".repeat(64)]) {
      const failure = await contentFailure(layer("content"), (content) => content.commitAt(revision))
      assert.equal(failure._tag, "RevisionUnknown", failure.message)
    }
  })

  it("has a newest commit, or says that there is no such branch", async () => {
    assert.equal((await withContent(layer("content"), ({ tip }) => tip)).id, id(AFTER))
    assert.equal((await withContent(layer(), ({ tip }) => tip)).subject, "Add a recipe")
    const unknown = await contentFailure(layer("nowhere"), ({ tip }) => tip)
    assert.equal(unknown._tag, "RevisionUnknown")
    assert.match(unknown.message, /nowhere/)
    const impossible = await contentFailure(layer("a..b"), ({ tip }) => tip)
    assert.equal(impossible._tag, "StoreUnavailable")
  })
})

describe("A remote", () => {
  it("is asked for a revision that the user's repository does not know", async () => {
    const found = await withContent(remote(), (content) =>
      Effect.all(["there", "refs/tags/there", id(BESIDE)].map(content.commitAt))
    )
    assert.deepEqual(
      found.map((commit) => commit.id),
      [BESIDE, BESIDE, BESIDE].map(id)
    )
  })

  it("whose HEAD is on no branch needs one to be named", async () => {
    const detached = join(sandbox.directory, "detached")
    git(sandbox.directory, "clone", "-q", sandbox.remote, detached)
    git(detached, "checkout", "-q", "--detach")
    for (const layer of [remote(undefined, detached), layerLocal({ repository: detached })]) {
      const failure = await contentFailure(layer, ({ tip }) => tip)
      assert.equal(failure._tag, "StoreUnavailable")
      assert.match(failure.message, /HEAD .*name the content branch in the policy/)
    }
  })

  it("that is not there, or out of reach, is unavailable, and no secret is told", async () => {
    for (const address of [join(sandbox.directory, "nowhere"), `http://user:${SECRET}@127.0.0.1:1/x.git`]) {
      const failure = await contentFailure(remote("main", address), ({ tip }) => tip)
      assert.equal(failure._tag, "StoreUnavailable", failure.message)
    }
    const outside = layerLocal({ repository: "/" })
    assert.equal((await contentFailure(outside, ({ tip }) => tip))._tag, "StoreUnavailable")
  })

  it("with a shallow clone beside it: what is cut off there is not missed, and without one it is said", async () => {
    const shallow = join(sandbox.directory, "shallow")
    git(sandbox.directory, "clone", "-q", "--depth=2", "--branch=content", `file://${sandbox.remote}`, shallow)
    const never = new Map([["a", text("nothing")]])
    const layer = layerLocal({ repository: shallow })
    const failure = await contentFailure(layer, (content) => content.everHeld(never, id(AFTER)))
    assert.equal(failure._tag, "StoreUnavailable")
    assert.match(failure.message, /cut off below the commit .*--unshallow/)
    const known = await withContent(layer, (content) =>
      Effect.all([
        content.everHeld(new Map([["evil", text("x")]]), id(AFTER)),
        content.history(id(AFTER), ({ subject }) => subject === "After"),
        content.changedBy(["a", "b"], undefined, id(AFTER), 5)
      ])
    )
    assert.equal(known[0], true)
    assert.deepEqual(
      known[1].map(({ commit }) => commit.id),
      [id(AFTER)]
    )
    assert.deepEqual([...known[2].keys()], ["b"])
  })
})
