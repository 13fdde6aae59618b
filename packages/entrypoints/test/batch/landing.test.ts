import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openRegistry, type Registry, treeAt } from "../support/Registry.ts"

/** How a forge brings a branch onto the content branch; answers nothing, leaves HEAD at what landed. */
const LANDINGS: ReadonlyArray<readonly [string, (registry: Registry, branch: string) => void]> = [
  ["merge", ({ clone, git }, branch) => git(clone, "merge", "-q", "--no-ff", "-m", `Merge ${branch}`, branch)],
  [
    "squash",
    ({ clone, git, onMain }, branch) => {
      git(clone, "merge", "-q", "--squash", branch)
      onMain({}, `Add recipes of ${branch} (#2)`)
    }
  ],
  [
    "rebase",
    ({ clone, git }, branch) => {
      const commits = git(clone, "rev-list", "--reverse", `main..${branch}`).split("\n")
      git(clone, "cherry-pick", ...commits)
    }
  ],
  [
    "edited-in-review",
    ({ clone, git, onMain }, branch) => {
      git(clone, "merge", "-q", "--squash", branch)
      onMain(
        { "docs/review.md": "note\n", "recipes/edited-in-review-1.toml": "reviewed\n", "recipes/reviewer.toml": "1\n" },
        `Add recipes of ${branch} (#4)`
      )
    }
  ]
]

describe("A batch that landed", () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await openRegistry()
  })
  afterAll(() => registry.dispose())

  it.each(LANDINGS)("by %s comes out whole, and what landed before and after it stays", async (name, land) => {
    const { clone, git, json, onBranch, onMain, push, sealed } = registry
    onBranch(
      name,
      { [`recipes/${name}-1.toml`]: "version = 1\n", "recipes/modified.toml": `version = "${name} 1"\n` },
      { [`recipes/${name}-2.toml`]: "version = 1\n", "recipes/modified.toml": `version = "${name} 2"\n` }
    )
    const id = await sealed(name)
    onMain({ [`recipes/before-${name}.toml`]: "version = 1\n" }, "Land something in between")
    const before = treeAt(registry, "main")
    land(registry, name)
    push("main")
    const commit = git(clone, "rev-parse", "HEAD")
    const merged = await json(0, "batch", "merged", id, "--commit", commit)
    const isEdited = name === "edited-in-review"
    assert.deepEqual(merged.differs, isEdited ? ["recipes/edited-in-review-1.toml", "recipes/reviewer.toml"] : [])
    assert.deepEqual(merged.outside, isEdited ? ["docs/review.md"] : [])
    onMain({ [`recipes/after-${name}.toml`]: "version = 1\n" }, "Land something afterwards")
    const done = await json(0, "rollback", id, "--yes")
    assert.deepEqual([done.outcome, done.verified], ["rolled-back", true])
    const expected = {
      ...before,
      [`recipes/after-${name}.toml`]: treeAt(registry, "main")[`recipes/after-${name}.toml`],
      ...(isEdited ? { "docs/review.md": treeAt(registry, "main")["docs/review.md"] } : {})
    }
    assert.deepEqual(treeAt(registry, `rollback/${id}`), expected)
  })

  it("can be rolled back before anybody confirmed the merge, but not when it never came", async () => {
    const { clone, git, json, onBranch, push, sealed } = registry
    onBranch("unconfirmed", { "recipes/unconfirmed.toml": "version = 1\n" })
    const id = await sealed("unconfirmed")
    const never = await json(0, "rollback", id, "--yes")
    assert.deepEqual([never.outcome, never.branch], ["never-merged", null])
    git(clone, "merge", "-q", "--ff-only", "unconfirmed")
    push("main")
    assert.equal((await json(0, "rollback", id, "--yes")).outcome, "rolled-back")
  })

  it("and was changed since is left alone, merged out or put back, as the operator says", async () => {
    const { git, json, onBranch, onMain, remote, sealed } = registry
    const lines = (first: string, last: string): string => `${first}\n\n\n\n\n\n\n\n${last}\n`
    onMain({ "recipes/long.toml": lines("a = 1", "z = 1") }, "Add a long recipe")
    onBranch("long", { "recipes/long.toml": lines("a = 2", "z = 1") })
    const id = await sealed("long")
    git(registry.clone, "merge", "-q", "--ff-only", "long")
    onMain({ "recipes/long.toml": lines("a = 2", "z = 2") }, "Change the other end")
    const skipped = await json(0, "rollback", id, "--yes")
    assert.deepEqual([skipped.outcome, skipped.branch], ["all-changed-since", null])
    const merged = await json(0, "rollback", id, "--on-changed", "three-way", "--yes")
    assert.deepEqual([merged.outcome, merged.verified], ["rolled-back", true])
    assert.equal(git(remote, "show", `rollback/${id}:recipes/long.toml`), lines("a = 1", "z = 2").trim())
    const forced = await json(0, "rollback", id, "--on-changed", "force", "--yes")
    assert.equal(git(remote, "show", `${forced.branch}:recipes/long.toml`), lines("a = 1", "z = 1").trim())
  })
})
