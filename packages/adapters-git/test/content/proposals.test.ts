import { strict as assert } from "node:assert"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { ContentRepository, Proposal } from "@batchbrake/core/port/ContentRepository"
import type * as Layer from "effect/Layer"
import { afterEach, beforeEach, describe, it } from "vitest"
import { blobOf, makeCommits } from "../support/fastImport.ts"
import { fingerprint } from "../support/fingerprint.ts"
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
const local = (): Layer.Layer<ContentRepository> => layerLocal({ repository: sandbox.clone })

const KINDS = [
  { kind: "remote", layer: remote, repository: () => sandbox.remote },
  { kind: "local", layer: local, repository: () => sandbox.clone }
] as const

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

describe.each(KINDS)("A proposal to the $kind repository", ({ kind, layer, repository }) => {
  it("is one commit on its branch, by the user, at its time, with its message", async () => {
    git(sandbox.clone, "config", "user.name", "A. Writer")
    git(sandbox.clone, "config", "user.email", "writer@example.org")
    const message = 'Roll back\n\n  <kept> as "it" is ü\n\n\nno newline at the end'
    const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, EMAIL } = process.env
    const named = [GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, EMAIL]
    const proposed = await propose(layer(), removal({ at: 1_750_000_123_456, message }))
    const stored = git(repository(), "cat-file", "commit", BRANCH)
    const [tree, parent, author, committer, ...rest] = stored.split("\n")
    assert.deepEqual(proposed, {
      branch: BRANCH,
      commit: git(repository(), "rev-parse", BRANCH),
      onto: tip,
      resumed: false
    })
    assert.deepEqual(
      [tree, parent],
      [`tree ${git(repository(), "hash-object", "-t", "tree", "/dev/null")}`, `parent ${tip}`]
    )
    assert.match(committer ?? "", /^committer .* 1750000123 \+0000$/)
    if (named.every((variable) => variable === undefined)) {
      assert.equal(author, "author A. Writer <writer@example.org> 1750000123 +0000")
    }
    assert.equal(rest.join("\n"), `\n${message}`)
  })

  it("leaves everything of the user's but a new branch as it is", async () => {
    writeFileSync(join(sandbox.clone, "recipe.txt"), "being edited\n")
    writeFileSync(join(sandbox.clone, "other.txt"), "not yet added\n")
    git(sandbox.clone, "checkout", "-q", "-b", "work")
    git(sandbox.clone, "add", "other.txt")
    const before = fingerprint(sandbox.clone)
    const proposed = await propose(layer(), removal())
    const isNew = (line: string): boolean =>
      kind === "local" && /\.git\/(?:objects|(?:logs\/)?refs\/heads\/rollback)/.test(line)
    assert.deepEqual(
      fingerprint(sandbox.clone).filter((line) => !isNew(line)),
      before.filter((line) => !isNew(line))
    )
    assert.equal(git(sandbox.clone, "symbolic-ref", "HEAD"), "refs/heads/work")
    assert.equal(git(repository(), "rev-parse", `${proposed.commit}^`), tip)
  })

  it("gets the next name where the one that it wants is taken", async () => {
    git(repository(), "branch", BRANCH, "main")
    git(repository(), "branch", `${BRANCH}-2`, "main")
    git(repository(), "branch", `${BRANCH}-3/below`, "main")
    const { branch } = await propose(layer(), removal())
    assert.equal(branch, `${BRANCH}-4`)
    assert.equal(git(repository(), "rev-parse", BRANCH), tip)
  })

  it("is found again, not made again", async () => {
    const first = await propose(layer(), removal())
    const again = await propose(layer(), removal({ at: 1_900_000_000_000 }))
    assert.deepEqual(again, { ...first, resumed: true })
    git(repository(), "branch", "-m", BRANCH, `${BRANCH}-7`)
    assert.deepEqual(await propose(layer(), removal()), { ...first, branch: `${BRANCH}-7`, resumed: true })
  })

  it("is found again on an older commit of the content branch", async () => {
    const first = await propose(layer(), removal())
    const moved = makeCommits(repository(), [{ branch: "main", from: tip, put: { "other.txt": "two" } }])[0] ?? ""
    assert.deepEqual(await propose(layer(), removal({}, moved)), { ...first, onto: tip, resumed: true })
  })

  it.each<[string, Parameters<typeof makeCommits>[1]]>([
    ["another parent", [{ branch: BRANCH, from: "aside", put: { "recipe.txt": undefined } }]],
    ["more than that", [{ branch: BRANCH, from: "main", put: { extra: "x", "recipe.txt": undefined } }]],
    ["something else", [{ branch: BRANCH, from: "main", put: { "recipe.txt": "two" } }]],
    ["nothing", [{ branch: BRANCH, from: "main", put: {} }]],
    ["a merge", [{ branch: BRANCH, from: "main", merge: "aside", put: { "recipe.txt": undefined } }]]
  ])("is not taken for one that says the same and has %s", async (_, commits) => {
    const said = "It says\n\nRollback-Of: 2026-02-06-001\n"
    makeCommits(repository(), [
      { branch: "aside", from: "refs/heads/main^0", message: "Aside", put: { aside: "x" } },
      ...commits.map((commit) => ({
        ...commit,
        from: commit.from === "aside" ? "refs/heads/aside" : "refs/heads/main^0",
        ...(commit.merge === undefined ? {} : { merge: "refs/heads/aside" }),
        message: said
      }))
    ])
    const { branch, resumed } = await propose(layer(), removal())
    assert.deepEqual([branch, resumed], [`${BRANCH}-2`, false])
  })

  it("is not taken for one that does the same and says something else", async () => {
    await propose(layer(), removal({ message: "Take the recipe out" }))
    const { branch, resumed } = await propose(layer(), removal())
    assert.deepEqual([branch, resumed], [`${BRANCH}-2`, false])
  })

  it("and another one at the same time get a branch each", async () => {
    const wanted = [1, 2, 3, 4].map((number) => removal({ isOurs: () => false, message: `Rollback ${number}` }))
    const made = await Promise.all(wanted.map((what) => propose(layer(), what)))
    assert.deepEqual(made.map(({ branch }) => branch).sort(), [BRANCH, `${BRANCH}-2`, `${BRANCH}-3`, `${BRANCH}-4`])
    assert.ok(made.every(({ branch, commit }) => git(repository(), "rev-parse", branch) === commit))
  })

  it("and the very same one at the same time share a branch", async () => {
    const made = await Promise.all([1, 2, 3].map(() => propose(layer(), removal())))
    assert.deepEqual(new Set(made.map(({ branch, commit }) => `${branch} ${commit}`)).size, 1)
    assert.deepEqual(branchesOf(repository()), ["main", BRANCH])
  })

  it("is refused where a branch stands above its name", async () => {
    git(repository(), "branch", "rollback", "main")
    const failure = await contentFailure(layer(), (content) => content.propose(removal()))
    assert.equal(failure._tag, "StoreRefused")
    assert.match(failure.message, /the branch rollback stands where rollback\/2026-02-06-001 is to be/)
  })

  it("is refused under a name that git does not take", async () => {
    const failure = await contentFailure(layer(), (content) => content.propose(removal({ branch: "a..b" })))
    assert.equal(failure._tag, "StoreRefused")
  })

  it("on a commit that nobody knows is refused", async () => {
    for (const onto of ["7".repeat(40), "main", "", blobOf(repository(), "one\n")]) {
      const failure = await contentFailure(layer(), (content) => content.propose(removal({ onto })))
      assert.equal(failure._tag, "RevisionUnknown", failure.message)
    }
  })

  it("of a blob that is nowhere fails before anything is published", async () => {
    const what = proposal(tip, { "recipe.txt": file("7".repeat(40)) })
    const failure = await contentFailure(layer(), (content) => content.propose(what))
    assert.equal(failure._tag, "StoreCorrupt", failure.message)
    assert.match(failure.message, /the blob 7+ is neither here nor to be had/)
    assert.deepEqual(branchesOf(repository()), ["main"])
  })
})

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
})
