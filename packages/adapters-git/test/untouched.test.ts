import { strict as assert } from "node:assert"
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { fingerprint } from "./support/fingerprint.ts"
import { change, NOTHING, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const layerFor = (repository: string, remote = "origin") =>
  layerRemote({ branch: "batch-control", remote, repository, timeoutMillis: 20_000 })

/** All that a store does, on whatever state the branch is in; answers the version that it left. */
const useAll = (repository: string, remote?: string): Promise<string> =>
  withStore(layerFor(repository, remote), (store) =>
    Effect.gen(function* () {
      const before = yield* Effect.option(store.read(NOTHING))
      const first = before._tag === "Some" ? before.value.version : undefined
      const version = yield* store.commit(first, change("one"))
      yield* Effect.flip(store.commit(first, change("two")))
      yield* store.findBack(version, () => false)
      return (yield* store.read(NOTHING)).version
    })
  )

const tipOf = ({ remote }: Sandbox): string => git(remote, "rev-parse", "refs/heads/batch-control")

describe("The user's repository stays as it is", () => {
  let sandbox: Sandbox
  const clones: Array<{ name: string; make: () => { cwd: string; watched: string } }> = [
    {
      name: "in a shallow clone of one branch, as CI makes it",
      make: () => {
        const path = join(sandbox.directory, "shallow")
        git(sandbox.directory, "clone", "-q", "--depth=1", "--single-branch", `file://${sandbox.remote}`, path)
        return { cwd: path, watched: path }
      }
    },
    {
      name: "in a bare clone",
      make: () => {
        const path = join(sandbox.directory, "bare.git")
        git(sandbox.directory, "clone", "-q", "--bare", sandbox.remote, path)
        return { cwd: path, watched: path }
      }
    },
    {
      name: "in a linked work tree with a detached head",
      make: () => {
        const path = join(sandbox.directory, "linked")
        git(sandbox.clone, "worktree", "add", "-q", "--detach", path)
        return { cwd: path, watched: sandbox.directory }
      }
    },
    {
      name: "in a directory below its top",
      make: () => {
        const path = join(sandbox.clone, "some", "where")
        mkdirSync(path, { recursive: true })
        return { cwd: path, watched: sandbox.clone }
      }
    },
    {
      name: "in a partial clone",
      make: () => {
        const path = join(sandbox.directory, "partial")
        git(sandbox.remote, "config", "uploadpack.allowFilter", "true")
        git(sandbox.directory, "clone", "-q", "--filter=blob:none", `file://${sandbox.remote}`, path)
        return { cwd: path, watched: path }
      }
    }
  ]
  beforeAll(() => {
    sandbox = makeSandbox()
  })
  afterAll(() => sandbox.dispose())

  const without = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
    lines.filter((line) => !line.startsWith("remote.git"))

  it.each(clones)("$name", async ({ make }) => {
    const { cwd, watched } = make()
    const before = without(fingerprint(watched))
    const version = await useAll(cwd)
    assert.deepEqual(without(fingerprint(watched)), before)
    assert.equal(tipOf(sandbox), version)
  })

  it("while another git program holds its locks", async () => {
    const locks = ["index.lock", "HEAD.lock", "config.lock", "shallow.lock", "packed-refs.lock"]
    const path = (lock: string): string => join(sandbox.clone, ".git", lock)
    for (const lock of locks) writeFileSync(path(lock), "")
    const before = fingerprint(sandbox.clone)
    assert.equal(await useAll(sandbox.clone), tipOf(sandbox))
    assert.deepEqual(fingerprint(sandbox.clone), before)
    for (const lock of locks) rmSync(path(lock))
  })

  it("and none of its hooks runs, and nothing is signed", async () => {
    const path = join(sandbox.directory, "hooked")
    git(sandbox.directory, "clone", "-q", sandbox.remote, path)
    const hooks = join(sandbox.directory, "hooks")
    const trace = join(sandbox.directory, "trace")
    mkdirSync(hooks)
    for (const hook of ["pre-push", "reference-transaction", "pre-commit", "commit-msg", "post-commit"]) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\necho ${hook} >> '${trace}'\nexit 1\n`)
      chmodSync(join(hooks, hook), 0o755)
    }
    git(path, "config", "core.hooksPath", hooks)
    git(path, "config", "commit.gpgSign", "true")
    git(path, "config", "gpg.program", "/bin/false")
    git(path, "config", "user.name", "A. Writer")
    git(path, "config", "user.email", "writer@example.org")
    await useAll(path)
    assert.ok(!existsSync(trace))
    const commit = git(sandbox.remote, "cat-file", "commit", "batch-control")
    assert.ok(!commit.includes("gpgsig"))
    assert.ok(/^author A\. Writer <writer@example\.org> \d+ \+0000$/m.test(commit))
  })

  it("and the temporary directory is left empty", async () => {
    const temporary = join(sandbox.directory, "tmp")
    mkdirSync(temporary)
    const before = process.env.TMPDIR
    process.env.TMPDIR = temporary
    const during = await withStore(layerFor(sandbox.clone), (store) =>
      Effect.map(store.read(NOTHING), () => readdirSync(temporary))
    )
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    assert.equal(during.length, 1)
    assert.deepEqual(readdirSync(temporary), [])
  })

  it("and an address may be relative to the top of the work tree", async () => {
    const path = join(sandbox.directory, "relative")
    git(sandbox.directory, "clone", "-q", sandbox.remote, path)
    git(path, "remote", "set-url", "origin", "../remote.git")
    mkdirSync(join(path, "below", "it"), { recursive: true })
    assert.equal(await useAll(join(path, "below", "it")), tipOf(sandbox))
    assert.equal(await useAll(join(path, "below"), "../remote.git"), tipOf(sandbox))
  })
})
