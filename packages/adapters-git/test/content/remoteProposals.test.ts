import { strict as assert } from "node:assert"
import { spawnSync } from "node:child_process"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { ContentRepository, Proposal } from "@batchbrake/core/port/ContentRepository"
import type * as Layer from "effect/Layer"
import { afterEach, beforeEach, describe, it } from "vitest"
import { makeCommits } from "../support/fastImport.ts"
import { type GitHttpServer, serveGit } from "../support/GitHttpServer.ts"
import { contentFailure, file, proposal, withContent } from "../support/runContent.ts"
import { SECRET } from "../support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

const BRANCH = "rollback/2026-02-06-001"

let sandbox: Sandbox
let server: GitHttpServer | undefined
let tip: string
beforeEach(() => {
  sandbox = makeSandbox()
  tip = git(sandbox.remote, "rev-parse", "main")
})
afterEach(async () => {
  await server?.close()
  server = undefined
  sandbox.dispose()
})

const remote = (address = "origin"): Layer.Layer<ContentRepository> =>
  layerRemote({ remote: address, repository: sandbox.clone, timeoutMillis: 20_000 })

const removal = (more: Partial<Proposal> = {}, onto = tip): Proposal =>
  proposal(onto, { "recipe.txt": undefined }, more)
const propose = (layer: Layer.Layer<ContentRepository>, what: Proposal) =>
  withContent(layer, (content) => content.propose(what))
const branchesOf = (repository: string): ReadonlyArray<string> =>
  git(repository, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split("\n")

const hook = (name: string, script: string): void => {
  const path = join(sandbox.remote, "hooks", name)
  mkdirSync(join(sandbox.remote, "hooks"), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

describe("A proposal to the remote repository", () => {
  it("gets the next name where the one that it wants is taken in the user's repository", async () => {
    git(sandbox.clone, "branch", BRANCH, "main")
    assert.equal((await propose(remote(), removal())).branch, `${BRANCH}-2`)
    git(sandbox.remote, "branch", `${BRANCH}-3`, "main")
    const what = removal({ isOurs: () => false, message: "Another" })
    assert.equal((await propose(remote(), what)).branch, `${BRANCH}-4`)
  })

  it("is found again although the user has its branch as well", async () => {
    const first = await propose(remote(), removal())
    git(sandbox.clone, "fetch", "-q", "origin", `${BRANCH}:${BRANCH}`)
    assert.deepEqual(await propose(remote(), removal()), { ...first, resumed: true })
  })

  it("is made on the commit that it names, though the content branch has moved on", async () => {
    const [moved = ""] = makeCommits(sandbox.remote, [
      { branch: "main", from: tip, put: { "recipe.txt": "two", "recipes/new": "new" } }
    ])
    const made = await propose(remote(), removal())
    assert.equal(git(sandbox.remote, "rev-parse", `${made.branch}^`), tip)
    assert.equal(git(sandbox.remote, "rev-parse", "main"), moved)
  })

  it("has the blobs that only the user has sent along", async () => {
    const blob = git(sandbox.clone, "hash-object", "-w", "--", "recipe.txt", ".git/description").split("\n")[1] ?? ""
    const made = await propose(remote(), proposal(tip, { "recipe.txt": file(blob) }))
    assert.equal(git(sandbox.remote, "rev-parse", `${made.branch}:recipe.txt`), blob)
    git(sandbox.remote, "fsck", "--strict")
  })

  it("whose answer was lost is done, when the remote has it", async () => {
    git(sandbox.remote, "config", "http.receivepack", "true")
    server = await serveGit(sandbox.directory, {
      hangsUp: ({ method, url = "" }) => method === "POST" && url.endsWith("git-receive-pack")
    })
    const made = await propose(remote(`${server.url}/remote.git`), removal())
    assert.deepEqual([made.branch, made.resumed], [BRANCH, false])
    assert.equal(git(sandbox.remote, "rev-parse", BRANCH), made.commit)
  })

  it("whose answer was lost, and the remote too, may have landed; run again it is found", async () => {
    git(sandbox.remote, "config", "http.receivepack", "true")
    let isDown = false
    const isPush = ({ method, url = "" }: { method?: string | undefined; url?: string | undefined }): boolean =>
      method === "POST" && url.endsWith("git-receive-pack")
    server = await serveGit(sandbox.directory, {
      hangsUp: (request) => {
        isDown ||= isPush(request)
        return isDown
      }
    })
    const address = `${server.url.replace("//", `//user:${SECRET}@`)}/remote.git`
    const failure = await contentFailure(remote(address), (content) => content.propose(removal()))
    assert.ok(failure._tag === "StoreUnavailable" && failure.mayHaveLanded, failure.message)
    const again = await propose(remote(), removal({ at: 1 }))
    assert.deepEqual(again, {
      branch: BRANCH,
      commit: git(sandbox.remote, "rev-parse", BRANCH),
      onto: tip,
      resumed: true
    })
  })

  it("that a hook declines is refused in the hook's words", async () => {
    hook("pre-receive", "echo 'only maintainers may push here' >&2; exit 1")
    const failure = await contentFailure(remote(), (content) => content.propose(removal()))
    assert.equal(failure._tag, "StoreRefused")
    assert.match(failure.message, /only maintainers may push here/)
  })

  it("whose name is taken while it is on its way gets the next one", async () => {
    hook("update", `[ "$1" = refs/heads/${BRANCH} ] || exit 0; git update-ref $1 ${tip}; exit 1`)
    assert.equal((await propose(remote(), removal())).branch, `${BRANCH}-2`)
  })

  it.each([
    ["before anything has landed", "pre-receive", "exit 1"],
    ["while it lands", "pre-receive", "exit 0"],
    ["after it has landed", "post-receive", "exit 0"]
  ])("whose process was killed %s is finished by the next one, once", async (_, name, end) => {
    hook(name, `[ -n "$PROPOSER" ] || exit 0; kill -9 $PROPOSER; ${end}`)
    const script = join(import.meta.dirname, "..", "support", "proposeOnce.ts")
    const killed = spawnSync(process.execPath, [script, sandbox.clone, tip, "recipe.txt"], {
      env: { ...process.env, TMPDIR: sandbox.directory }
    })
    assert.equal(killed.signal, "SIGKILL", String(killed.stderr))
    const { branch, commit, onto } = await propose(remote(), removal({ at: 1 }))
    assert.deepEqual([branch, onto, git(sandbox.remote, "rev-parse", BRANCH)], [BRANCH, tip, commit])
    assert.deepEqual(branchesOf(sandbox.remote), ["main", BRANCH])
  })

  it("whose entry is a commit or a tree in a blob's place is damage", async () => {
    for (const id of [tip, git(sandbox.clone, "rev-parse", "main^{tree}")]) {
      const failure = await contentFailure(remote(), (content) =>
        content.propose(proposal(tip, { "recipe.txt": file(id) }))
      )
      assert.equal(failure._tag, "StoreCorrupt", failure.message)
      assert.deepEqual(await withContent(remote(), (content) => content.missingBlobs([id])), [id])
    }
  })

  it("to a server that gives nothing by its ID does what it can without", async () => {
    await propose(remote(), removal())
    makeCommits(sandbox.remote, [{ branch: "main", from: tip, put: { "recipe.txt": "two" } }])
    const shallow = join(sandbox.directory, "shallow")
    git(sandbox.directory, "clone", "-q", "--depth=1", `file://${sandbox.remote}`, shallow)
    git(shallow, "config", "protocol.version", "0")
    const layer = layerRemote({ remote: "origin", repository: shallow, timeoutMillis: 20_000 })
    const moved = (await withContent(layer, (content) => content.tip)).id
    const { branch } = await propose(layer, removal({}, moved))
    assert.equal(branch, `${BRANCH}-2`)
    const blob = git(sandbox.remote, "rev-parse", `${tip}:recipe.txt`)
    const failure = await contentFailure(layer, (content) =>
      content.propose(proposal(moved, { "recipe.txt": file(blob) }))
    )
    assert.equal(failure._tag, "StoreCorrupt", failure.message)
    const unknown = await contentFailure(layer, (content) => content.commitAt(tip))
    assert.equal(unknown._tag, "RevisionUnknown")
  })
})
