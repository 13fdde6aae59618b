import { strict as assert } from "node:assert"
import { mkdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { locate, readAt } from "@batchbrake/adapters-git/Repository"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterAll, beforeAll, describe, it } from "vitest"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

let sandbox: Sandbox
let clone: string
beforeAll(() => {
  sandbox = makeSandbox()
  clone = realpathSync(sandbox.clone)
})
afterAll(() => sandbox.dispose())

const found = async (directory: string) => Option.getOrUndefined(await Effect.runPromise(locate(directory)))

describe("A repository is found", () => {
  it("from its top, from below, and from its own directory", async () => {
    const below = join(clone, "some", "where")
    mkdirSync(below, { recursive: true })
    const commonDirectory = join(clone, ".git")
    assert.deepEqual(await found(clone), { commonDirectory, topLevel: clone })
    assert.deepEqual(await found(below), { commonDirectory, topLevel: clone })
    assert.deepEqual(await found(commonDirectory), { commonDirectory, topLevel: undefined })
  })

  it("when it is bare, and from a linked work tree", async () => {
    assert.deepEqual(await found(sandbox.remote), { commonDirectory: sandbox.remote, topLevel: undefined })
    const linked = join(realpathSync(sandbox.directory), "linked")
    git(clone, "worktree", "add", "-q", "--detach", linked)
    assert.deepEqual(await found(linked), { commonDirectory: join(clone, ".git"), topLevel: linked })
  })

  it("and where there is none, none is", async () => {
    assert.equal(await found(sandbox.directory), undefined)
    const failure = await Effect.runPromise(Effect.flip(locate(join(sandbox.directory, "nowhere"))))
    assert.match(failure.stderr, /does not exist/)
  })
})

describe("A file at a revision", () => {
  const failure = (revision: string) => Effect.runPromise(Effect.flip(readAt(clone, revision)))

  it("is read from any directory", async () => {
    assert.equal(await Effect.runPromise(readAt(clone, "HEAD:recipe.txt")), "one\n")
    assert.equal(await Effect.runPromise(readAt(clone, "origin/main:recipe.txt")), "one\n")
    assert.equal(await Effect.runPromise(readAt(sandbox.remote, "main:recipe.txt")), "one\n")
  })

  it("that does not exist is named", async () => {
    assert.match(
      (await failure("HEAD:none.txt")).message,
      /^cannot read HEAD:none\.txt: path 'none\.txt' does not exist/
    )
    assert.match((await failure("nowhere:recipe.txt")).message, /^cannot read nowhere:recipe\.txt: .*nowhere/)
  })

  it.each(["HEAD", "--batch", "-x:y", ""])("is not %j", async (revision) => {
    assert.match((await failure(revision)).message, /not of the form REV:PATH/)
  })
})
