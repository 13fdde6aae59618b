import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterAll, beforeAll, describe, it } from "vitest"
import { failureIn, NOTHING, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const branch = "batch-control"
const COMMITS = 700

/** A branch of many commits, `number 0` the oldest. */
const importHistory = (repository: string, ref: string): void => {
  const commits = Array.from({ length: COMMITS }, (_, number) =>
    [
      `commit ${ref}`,
      `committer Test <test@example.org> ${1_700_000_000 + number} +0000`,
      `data <<END\nnumber ${number}\nEND`,
      "M 100644 inline batch-control.json",
      `data <<END\n{ "number": ${number} }\nEND\n`
    ].join("\n")
  )
  execFileSync("git", ["fast-import", "--quiet"], { cwd: repository, input: commits.join("\n") })
}

let sandbox: Sandbox
beforeAll(() => {
  sandbox = makeSandbox()
  importHistory(sandbox.remote, `refs/heads/${branch}`)
  importHistory(sandbox.clone, `refs/batchbrake/${branch}`)
})
afterAll(() => sandbox.dispose())

const remoteLayer = (remote: string) =>
  layerRemote({ branch, remote, repository: sandbox.clone, timeoutMillis: 20_000 })

describe("A long history", () => {
  const layers = () => [remoteLayer(`file://${sandbox.remote}`), layerLocal({ branch, repository: sandbox.clone })]

  it.each([COMMITS - 1, COMMITS - 49, COMMITS - 50, COMMITS - 51, 0])(
    "is searched back to number %d",
    async (number) => {
      for (const layer of layers()) {
        const found = await withStore(layer, (store) =>
          Effect.flatMap(store.read(NOTHING), ({ version }) =>
            store.findBack(version, ({ message }) => message === `number ${number}\n`)
          )
        )
        assert.equal(Option.getOrThrow(found).files.get("batch-control.json"), `{ "number": ${number} }\n`)
      }
    }
  )

  it("is searched to its end, in which nothing is", async () => {
    for (const layer of layers()) {
      const found = await withStore(layer, (store) =>
        Effect.flatMap(store.read(NOTHING), ({ version }) => store.findBack(version, () => false))
      )
      assert.equal(found._tag, "None")
    }
  })

  it("ends where a remote that is a shallow clone itself ends", async () => {
    const shallow = join(sandbox.directory, "shallow.git")
    git(sandbox.directory, "clone", "-q", "--bare", "--depth=60", "-b", branch, `file://${sandbox.remote}`, shallow)
    let seen = 0
    const found = await withStore(remoteLayer(`file://${shallow}`), (store) =>
      Effect.flatMap(store.read(NOTHING), ({ version }) =>
        store.findBack(version, () => {
          seen++
          return false
        })
      )
    )
    assert.deepEqual([found._tag, seen], ["None", 60])
  })

  it("can be extended after it was searched", async () => {
    const remote = join(sandbox.directory, "copy.git")
    git(sandbox.directory, "clone", "-q", "--bare", sandbox.remote, remote)
    const files = new Map([["batch-control.json", "new"]])
    const version = await withStore(remoteLayer(`file://${remote}`), (store) =>
      Effect.gen(function* () {
        const before = yield* store.read(NOTHING)
        yield* store.findBack(before.version, ({ message }) => message === "number 100\n")
        return yield* store.commit(before.version, { files, message: () => "after the search" })
      })
    )
    assert.equal(git(remote, "rev-parse", branch), version)
    assert.equal(git(remote, "rev-list", "--count", branch), String(COMMITS + 1))
    git(remote, "fsck", "--strict")
  })
})

describe("A name that no branch can have", () => {
  it.each(["", "a b", "-a", "a..b", "a:b", "a\nHEAD", "a.lock", "a/", "@{1}", "*"])("is refused: %j", async (name) => {
    for (const layer of [
      layerRemote({ branch: name, remote: "origin", repository: sandbox.clone, timeoutMillis: 5_000 }),
      layerLocal({ branch: name, repository: sandbox.clone })
    ]) {
      const failure = await failureIn(layer, (store) => store.read(NOTHING))
      assert.equal(failure._tag, "StoreUnavailable")
      assert.match(failure.message, /git takes no branch of this name; name another/)
    }
  })

  it.each(["batch-control", "control/main", "größe", "a.b", "x@y"])("is not %j", async (name) => {
    git(sandbox.clone, "check-ref-format", "--branch", name)
    const failure = await failureIn(layerLocal({ branch: name, repository: sandbox.remote }), (store) =>
      store.read(NOTHING)
    )
    assert.equal(failure._tag, "ControlMissing")
  })
})
