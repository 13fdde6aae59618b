import { strict as assert } from "node:assert"
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { layerLocal } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, it } from "vitest"
import { Inherited } from "../src/internal/environment.ts"
import { change, failureIn, NOTHING, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const branch = "batch-control"
const ref = `refs/batchbrake/${branch}`

let sandbox: Sandbox
beforeEach(() => {
  sandbox = makeSandbox()
})
afterEach(() => sandbox.dispose())

const layerFor = (repository: string) => layerLocal({ branch, repository })
const create = (): Promise<string> =>
  withStore(layerFor(sandbox.clone), (store) => store.commit(undefined, change("one")))

describe("A local lock", () => {
  const lock = (): string => {
    const path = join(sandbox.clone, ".git", `${ref}.lock`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, "")
    return path
  }

  it("of another writer is a conflict", async () => {
    const first = await create()
    lock()
    const failure = await failureIn(layerFor(sandbox.clone), (store) => store.commit(first, change("two")))
    assert.equal(failure._tag, "VersionConflict", failure.message)
    assert.equal(git(sandbox.clone, "rev-parse", ref), first)
  })

  it("that a crash left behind is named, and so is what to do", async () => {
    const first = await create()
    const path = lock()
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(path, longAgo, longAgo)
    const failure = await failureIn(layerFor(sandbox.clone), (store) => store.commit(first, change("two")))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.ok(failure.message.includes(path), failure.message)
    assert.match(failure.message, /remove it if no git program runs/)
    assert.equal(git(sandbox.clone, "rev-parse", ref), first)
    rmSync(path)
    await withStore(layerFor(sandbox.clone), (store) => store.commit(first, change("two")))
  })

  it("is not needed to read, nor is the index", async () => {
    const first = await create()
    lock()
    writeFileSync(join(sandbox.clone, ".git", "index.lock"), "")
    const { version } = await withStore(layerFor(sandbox.clone), (store) => store.read(NOTHING))
    assert.equal(version, first)
  })
})

describe("Local writers", () => {
  it("of several processes write each version once", async () => {
    const first = await create()
    const writers = ["a", "b", "c", "d"].map((text) =>
      withStore(layerFor(sandbox.clone), (store) => Effect.result(store.commit(first, change(text))))
    )
    const tags = (await Promise.all(writers)).map((result) =>
      result._tag === "Success" ? "written" : result.failure._tag
    )
    assert.deepEqual(tags.sort(), ["VersionConflict", "VersionConflict", "VersionConflict", "written"])
    assert.equal(git(sandbox.clone, "rev-list", "--count", ref), "2")
  })

  it("leave index, work tree, head and branches alone", async () => {
    const status = (): string =>
      [
        git(sandbox.clone, "status", "--porcelain=v2", "--branch"),
        git(sandbox.clone, "for-each-ref", "refs/heads", "refs/remotes")
      ].join("\n")
    const before = status()
    await create()
    assert.equal(status(), before)
  })

  it("share the reference between linked work trees, and with a bare repository's own", async () => {
    const linked = join(sandbox.directory, "linked")
    git(sandbox.clone, "worktree", "add", "-q", "--detach", linked)
    const first = await create()
    const second = await withStore(layerFor(linked), (store) => store.commit(first, change("two")))
    assert.equal(git(sandbox.clone, "rev-parse", ref), second)
    const inBare = await withStore(layerFor(sandbox.remote), (store) => store.commit(undefined, change("three")))
    assert.equal(git(sandbox.remote, "rev-parse", ref), inBare)
  })
})

describe("A local store that cannot be", () => {
  it("outside of a repository says so", async () => {
    for (const failure of [
      await failureIn(layerFor(sandbox.directory), (store) => store.read(NOTHING)),
      await failureIn(layerFor(sandbox.directory), (store) => store.commit(undefined, change("one")))
    ]) {
      assert.equal(failure._tag, "StoreUnavailable", failure.message)
      assert.match(failure.message, /not a git repository.*--repo/)
    }
  })

  it("without the program git says so", async () => {
    const failure = await failureIn(layerFor(sandbox.clone), (store) =>
      Effect.provideService(store.read(NOTHING), Inherited, { PATH: "/nowhere" })
    )
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /the program git was not found; install git/)
  })

  it("in a repository of somebody else says how to trust it", async () => {
    const failure = await failureIn(layerFor(sandbox.clone), (store) =>
      Effect.provideService(store.read(NOTHING), Inherited, {
        ...process.env,
        GIT_CONFIG_COUNT: "0",
        GIT_TEST_ASSUME_DIFFERENT_OWNER: "1"
      })
    )
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /dubious ownership.*safe\.directory/)
  })
})
