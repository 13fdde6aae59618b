import { strict as assert } from "node:assert"
import { randomBytes } from "node:crypto"
import { cpSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import { afterEach, beforeEach, describe, it } from "vitest"
import { change, failureIn, NOTHING, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"
import { canMount, mountSmallDisk, unmount } from "./support/smallDisk.ts"

const branch = "batch-control"
/** More than the small disk holds, and not to be compressed. */
const large = (): string => randomBytes(1_000_000).toString("base64")

describe.skipIf(!canMount)("A full disk (needs the right to mount a small one)", () => {
  let sandbox: Sandbox
  let disk: string
  const temporaryBefore = process.env.TMPDIR
  beforeEach(() => {
    sandbox = makeSandbox()
    disk = join(sandbox.directory, "disk")
    assert.ok(mountSmallDisk(disk, 400))
  })
  afterEach(() => {
    if (temporaryBefore === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = temporaryBefore
    unmount(disk)
    sandbox.dispose()
  })

  const layerFor = () => layerRemote({ branch, remote: "origin", repository: sandbox.clone, timeoutMillis: 20_000 })
  /** Moves a repository's objects to the small disk. */
  const moveObjects = (gitDirectory: string): void => {
    cpSync(join(gitDirectory, "objects"), join(disk, "objects"), { recursive: true })
    rmSync(join(gitDirectory, "objects"), { recursive: true })
    symlinkSync(join(disk, "objects"), join(gitDirectory, "objects"))
  }

  it("in the temporary directory stops a write before anything is sent", async () => {
    process.env.TMPDIR = disk
    const failure = await failureIn(layerFor(), (store) => store.commit(undefined, change(large())))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, new RegExp(`no space left in ${disk}.*; free space there`))
    assert.ok("mayHaveLanded" in failure && !failure.mayHaveLanded)
    assert.equal(git(sandbox.remote, "for-each-ref", "--format=%(refname:short)"), "main")
    assert.deepEqual(readdirSync(disk), [])
  })

  it("in the temporary directory stops a read", async () => {
    await withStore(layerFor(), (store) => store.commit(undefined, change(large())))
    process.env.TMPDIR = disk
    const failure = await failureIn(layerFor(), (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /no space left in .*; free space there/)
    assert.deepEqual(readdirSync(disk), [])
  })

  it("on the remote is told from one here, and nothing is written", async () => {
    moveObjects(sandbox.remote)
    const failure = await failureIn(layerFor(), (store) => store.commit(undefined, change(large())))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /the remote's disk is full; free space on the remote/)
    assert.ok("mayHaveLanded" in failure && !failure.mayHaveLanded)
    assert.equal(git(sandbox.remote, "for-each-ref", "--format=%(refname:short)"), "main")
  })

  it("under the repository stops a local write, and the reference stays", async () => {
    const layer = layerLocal({ branch, repository: sandbox.clone })
    const first = await withStore(layer, (store) => store.commit(undefined, change("one")))
    moveObjects(join(sandbox.clone, ".git"))
    const failure = await failureIn(layer, (store) => store.commit(first, change(large())))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /no space left in .*; free space there/)
    assert.equal(git(sandbox.clone, "rev-parse", `refs/batchbrake/${branch}`), first)
  })
})
