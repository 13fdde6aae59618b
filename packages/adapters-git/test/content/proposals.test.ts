import { strict as assert } from "node:assert"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { ContentRepository, Proposal } from "@batchbrake/core/port/ContentRepository"
import type * as Layer from "effect/Layer"
import { afterEach, beforeEach, describe, it } from "vitest"
import { blobOf, makeCommits } from "../support/fastImport.ts"
import { fingerprint } from "../support/fingerprint.ts"
import { contentFailure, file, proposal, withContent } from "../support/runContent.ts"
import { git, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

const BRANCH = "rollback/2026-02-06-001"

let sandbox: Sandbox
let tip: string
beforeEach(() => {
  sandbox = makeSandbox()
  tip = git(sandbox.remote, "rev-parse", "main")
})
afterEach(() => sandbox.dispose())

const remote = (): Layer.Layer<ContentRepository> =>
  layerRemote({ remote: "origin", repository: sandbox.clone, timeoutMillis: 20_000 })
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

  it("gets the next name where a killed git left a lock on the wanted one, and is found there again", async () => {
    const lock = join(repository() === sandbox.remote ? sandbox.remote : join(sandbox.clone, ".git"), "refs/heads")
    mkdirSync(join(lock, "rollback"), { recursive: true })
    writeFileSync(join(lock, `${BRANCH}.lock`), "")
    const first = await propose(layer(), removal())
    assert.deepEqual([first.branch, first.resumed], [`${BRANCH}-2`, false])
    rmSync(join(lock, `${BRANCH}.lock`))
    assert.deepEqual(await propose(layer(), removal()), { ...first, resumed: true })
    assert.deepEqual(branchesOf(repository()), ["main", `${BRANCH}-2`])
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
