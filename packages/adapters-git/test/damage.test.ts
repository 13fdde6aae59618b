import { strict as assert } from "node:assert"
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { deflateSync } from "node:zlib"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, it } from "vitest"
import { fingerprint } from "./support/fingerprint.ts"
import { change, failureIn, NOTHING, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const branch = "batch-control"

let sandbox: Sandbox
beforeEach(() => {
  sandbox = makeSandbox()
})
afterEach(() => sandbox.dispose())

const remoteLayer = () => layerRemote({ branch, remote: "origin", repository: sandbox.clone, timeoutMillis: 20_000 })
const localLayer = () => layerLocal({ branch, repository: sandbox.clone })

type Harm = (path: string) => void
const harms: ReadonlyArray<readonly [string, Harm]> = [
  ["cut short", (path) => truncateSync(path, 10)],
  ["empty", (path) => truncateSync(path, 0)],
  ["overwritten", (path) => writeFileSync(path, "not what git wrote here at all")],
  ["missing", (path) => rmSync(path)],
  ["another one's", (path) => writeFileSync(path, deflateSync("blob 3\0two"))]
]
const objects: ReadonlyArray<readonly [string, string]> = [
  ["control file's content", "batch-control.json"],
  ["root tree", ""]
]
const cases = harms.flatMap(([how, harm]) => objects.map(([what, path]) => ({ harm, how, path, what })))

const harmObject = (repository: string, ref: string, path: string, harm: Harm): void => {
  const id = git(repository, "rev-parse", `${ref}:${path}`)
  const objectsDirectory = git(repository, "rev-parse", "--path-format=absolute", "--git-path", "objects")
  const file = join(objectsDirectory, id.slice(0, 2), id.slice(2))
  chmodSync(file, 0o644)
  harm(file)
}

describe("What is damaged is said to be, and nothing is written over it", () => {
  it.each(cases)("on a remote: the $what is $how", async ({ harm, path }) => {
    const first = await withStore(remoteLayer(), (store) => store.commit(undefined, change("one")))
    harmObject(sandbox.remote, branch, path, harm)
    const before = fingerprint(sandbox.remote)
    const failure = await failureIn(remoteLayer(), (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreCorrupt", failure.message)
    assert.match(failure.message, /is damaged: .+; run `git fsck`/)
    await failureIn(remoteLayer(), (store) => store.commit(first, change("two")))
    assert.deepEqual(fingerprint(sandbox.remote), before)
  })

  it.each(cases)("in the repository itself: the $what is $how", async ({ harm, path }) => {
    const first = await withStore(localLayer(), (store) => store.commit(undefined, change("one")))
    harmObject(sandbox.clone, `refs/batchbrake/${branch}`, path, harm)
    const failure = await failureIn(localLayer(), (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreCorrupt", failure.message)
    assert.match(failure.message, /is damaged: .+; run `git fsck`/)
    assert.equal(git(sandbox.clone, "rev-parse", `refs/batchbrake/${branch}`), first)
  })

  it("in the repository itself: a pack", async () => {
    await withStore(localLayer(), (store) => store.commit(undefined, change("one")))
    git(sandbox.clone, "repack", "-adq")
    const packs = join(sandbox.clone, ".git", "objects", "pack")
    const pack = readdirSync(packs).find((name) => name.endsWith(".pack")) ?? ""
    chmodSync(join(packs, pack), 0o644)
    const bytes = readFileSync(join(packs, pack))
    writeFileSync(join(packs, pack), bytes.fill(0, 12, bytes.length - 20))
    const failure = await failureIn(localLayer(), (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreCorrupt", failure.message)
  })

  it("in the repository itself: the commit, so that it is no missing branch", async () => {
    await withStore(localLayer(), (store) => store.commit(undefined, change("one")))
    const ref = join(sandbox.clone, ".git", "refs", "batchbrake", branch)
    for (const text of [`${"12".repeat(20)}\n`, "nothing\n", ""]) {
      writeFileSync(ref, text)
      const failure = await failureIn(localLayer(), (store) => store.read(NOTHING))
      assert.equal(failure._tag, "StoreCorrupt", `${JSON.stringify(text)}: ${failure.message}`)
      const refused = await failureIn(localLayer(), (store) => store.commit(undefined, change("two")))
      assert.ok(refused._tag === "StoreCorrupt" || refused._tag === "VersionConflict", refused.message)
      assert.equal(readFileSync(ref, "utf8"), text)
    }
  })

  it("a control file that is no UTF-8 text", async () => {
    const ref = `refs/batchbrake/${branch}`
    const latin = join(sandbox.clone, "batch-control.json")
    writeFileSync(latin, Buffer.from([0x7b, 0xe4, 0x7d]))
    git(sandbox.clone, "add", "batch-control.json")
    git(sandbox.clone, "commit", "-q", "-m", "By hand")
    git(sandbox.clone, "update-ref", ref, "HEAD")
    const failure = await failureIn(localLayer(), (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreCorrupt")
    assert.match(failure.message, /batch-control\.json is not UTF-8 text/)
  })

  it("but a file of another directory that is damaged does not stop a local read", async () => {
    const files = new Map([
      ["batch-control.json", "one"],
      ["manifests/a", "damaged soon"]
    ])
    await withStore(localLayer(), (store) => store.commit(undefined, { files, message: () => "one" }))
    harmObject(sandbox.clone, `refs/batchbrake/${branch}`, "manifests/a", (path) => truncateSync(path, 3))
    const snapshot = await withStore(localLayer(), (store) => Effect.orDie(store.read(NOTHING)))
    assert.equal(snapshot.files.get("batch-control.json"), "one")
  })
})
