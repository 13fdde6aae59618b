import { strict as assert } from "node:assert"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, it } from "vitest"
import { change, failureIn, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const branch = "batch-control"

let sandbox: Sandbox
beforeEach(() => {
  sandbox = makeSandbox()
})
afterEach(() => sandbox.dispose())

const layerFor = (remote: string) => layerRemote({ branch, remote, repository: sandbox.clone, timeoutMillis: 20_000 })
const create = (layer: ReturnType<typeof layerFor>): Promise<string> =>
  withStore(layer, (store) => store.commit(undefined, change("one")))
const branches = (): string => git(sandbox.remote, "for-each-ref", "--format=%(refname:short)")

const hook = (name: string, script: string): void => {
  const path = join(sandbox.remote, "hooks", name)
  mkdirSync(join(sandbox.remote, "hooks"), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

describe("A remote that protects the branch", () => {
  it("refuses in its own words, and the remedy says what to change", async () => {
    hook("pre-receive", "echo 'only maintainers may push here' >&2; echo 'ask them' >&2; exit 1")
    const failure = await failureIn(layerFor("origin"), (store) => store.commit(undefined, change("one")))
    assert.equal(failure._tag, "StoreRefused", failure.message)
    assert.match(failure.message, /only maintainers may push here; ask them.*branch protection/)
    assert.equal(branches(), "main")
  })

  it("is no refusal when another writer was faster", async () => {
    const first = await create(layerFor(sandbox.remote))
    git(sandbox.remote, "branch", "other", "main")
    // The other one's write comes while ours is being looked at.
    hook("update", `unset GIT_QUARANTINE_PATH; git update-ref refs/heads/${branch} main; exit 1`)
    const failure = await failureIn(layerFor("origin"), (store) => store.commit(first, change("two")))
    assert.equal(failure._tag, "VersionConflict", failure.message)
  })
})

describe("Two writers that meet inside the server", () => {
  it("are told apart: the later one conflicts", async () => {
    const first = await create(layerFor(sandbox.remote))
    hook("update", `git update-ref refs/heads/${branch} main`)
    const failure = await failureIn(layerFor("origin"), (store) => store.commit(first, change("two")))
    assert.equal(failure._tag, "VersionConflict", failure.message)
    assert.equal(git(sandbox.remote, "rev-parse", branch), git(sandbox.remote, "rev-parse", "main"))
  })

  it("from processes of their own write each version once", async () => {
    const first = await create(layerFor(sandbox.remote))
    const writers = ["a", "b", "c", "d"].map((text) =>
      withStore(layerFor("origin"), (store) => Effect.result(store.commit(first, change(text))))
    )
    const tags = (await Promise.all(writers)).map((result) =>
      result._tag === "Success" ? "written" : result.failure._tag
    )
    assert.deepEqual(tags.sort(), ["VersionConflict", "VersionConflict", "VersionConflict", "written"])
    assert.equal(git(sandbox.remote, "rev-list", "--count", branch), "2")
  })

  it("and whose commits are the very same: one wins", async () => {
    const same = { files: new Map([["batch-control.json", "one"]]), message: () => "the same" }
    const first = await create(layerFor(sandbox.remote))
    const results = await Promise.all(
      [1, 2, 3].map(() => withStore(layerFor("origin"), (store) => Effect.result(store.commit(first, same))))
    )
    assert.equal(results.filter(({ _tag }) => _tag === "Success").length, 1)
  })

  it("are not confused with a lock that a crash left on the remote", async () => {
    const first = await create(layerFor(sandbox.remote))
    writeFileSync(join(sandbox.remote, "refs", "heads", `${branch}.lock`), "")
    const failure = await failureIn(layerFor("origin"), (store) => store.commit(first, change("two")))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /stale lock file/)
    assert.ok("mayHaveLanded" in failure && !failure.mayHaveLanded)
    assert.equal(git(sandbox.remote, "rev-parse", branch), first)
  })

  it("nor with a branch that stands in the way of the name", async () => {
    git(sandbox.remote, "branch", `${branch}/below`, "main")
    const failure = await failureIn(layerFor("origin"), (store) => store.commit(undefined, change("two")))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /a branch below this name/)
  })
})
