import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { fingerprint, openRegistry, type Registry, treeAt } from "../support/Registry.ts"
import { assertShape, SHAPES } from "../support/Shape.ts"

const CHANGES = {
  "recipes/deleted.toml": null,
  "recipes/edited.toml": "version = 1\n",
  "recipes/fresh.toml": "version = 1\n",
  "recipes/modified.toml": "version = 2\n"
}

const actions = (plan: unknown): ReadonlyArray<string> =>
  Object(plan).map(({ action, path }: { readonly action: string; readonly path: string }) => `${path} ${action}`)

describe.each([
  ["on a remote", [] as ReadonlyArray<string>],
  ["with --local", ["--local"] as ReadonlyArray<string>]
])("The life of a batch %s", (_, place) => {
  let registry: Registry
  let id: string
  const home = (): string => (place.length === 0 ? registry.remote : registry.clone)
  const at = (revision: string) => treeAt(registry, revision, home())
  beforeAll(async () => {
    registry = await openRegistry(place)
  })
  afterAll(() => registry.dispose())

  it("begins with an ID of today, is sealed, squashed onto the content branch and confirmed", async () => {
    const { clone, git, json } = registry
    const opened = await json(0, "batch", "open", "--ecosystem", "npm", "--ecosystem", "pypi")
    assertShape(SHAPES.batchOpen, opened)
    id = String(opened.id)
    assert.match(id, /^\d{4}-\d\d-\d\d-001$/)
    registry.onBranch("work", CHANGES)
    const sealed = await json(0, "batch", "seal", id, "--base", "main", "--head", "work")
    assertShape(SHAPES.batchSeal, sealed)
    assert.deepEqual(sealed.paths, Object.keys(CHANGES))
    assert.equal((await json(0, "batch", "seal", id, "--base", "main", "--head", "work")).applied, false)
    git(clone, "merge", "-q", "--squash", "work")
    const commit = registry.onMain({}, "Add a batch of recipes (#1)")
    registry.onMain({ "recipes/edited.toml": "version = 7\n" }, "Correct a recipe by hand")
    const merged = await json(0, "batch", "merged", id, "--commit", commit)
    assertShape(SHAPES.batchMerged, merged)
    assert.deepEqual([merged.state, merged.commit, merged.differs], ["merged", commit, []])
    assert.equal((await json(0, "batch", "merged", id, "--commit", commit)).applied, false)
  })

  it("is listed and shown", async () => {
    const listed = await registry.json(0, "batch", "list")
    assertShape(SHAPES.batchList, listed)
    assert.equal(Object(listed.batches)[0].ecosystems.join(), "npm,pypi")
    const shown = await registry.json(0, "batch", "show", id)
    assertShape(SHAPES.batchShow, shown)
    assert.equal(Object(shown.manifest).version, 1)
  })

  it("is only planned by a dry run, and without a terminal and --yes, which says so", async () => {
    const before = fingerprint(registry, home())
    const dry = await registry.json(0, "rollback", id, "--dry-run")
    assertShape(SHAPES.rollback, dry)
    assert.deepEqual([dry.branch, dry.commit, dry.verified, dry.outcome], [null, null, false, "planned"])
    assert.deepEqual(actions(dry.plan), [
      "recipes/deleted.toml recreate",
      "recipes/edited.toml changed-since",
      "recipes/fresh.toml delete",
      "recipes/modified.toml restore"
    ])
    const { stdout } = await registry.expecting(0, ["rollback", id, ...place])
    assert.match(stdout, /^recipes\/edited\.toml +changed-since +changed since: .*Correct a recipe by hand/m)
    assert.match(stdout, /^4 paths: 1 recreate, 1 changed-since, 1 delete, 1 restore$/m)
    assert.match(stdout, /planned only, nothing was done: --yes does it/)
    assert.equal(fingerprint(registry, home()), before)
  })

  it("is rolled back by one commit that holds exactly the plan and trailers of its own", async () => {
    const { git } = registry
    const [tip, before] = [git(home(), "rev-parse", "main"), fingerprint(registry, registry.clone)]
    const done = await registry.json(0, "rollback", id, "--yes", "--reason", "bad checksums; it's `broken`")
    assertShape(SHAPES.rollback, done)
    assert.deepEqual([done.branch, done.verified, done.outcome], [`rollback/${id}`, true, "rolled-back"])
    assert.equal(git(home(), "rev-parse", `rollback/${id}`), done.commit)
    assert.equal(git(home(), "rev-parse", `rollback/${id}^`), tip)
    const { "recipes/edited.toml": edited, ...others } = at(`rollback/${id}`)
    assert.deepEqual(others, at(git(home(), "rev-parse", "main~2")))
    assert.equal(edited, at("main")["recipes/edited.toml"])
    const message = git(home(), "log", "-1", "--format=%B", `rollback/${id}`)
    assert.match(message, new RegExp(`^Roll back batch ${id}, bad checksums; it's \`broken\`\n`))
    assert.match(message, new RegExp(`\n\nRollback-Of: ${id}\nRollback-Reason: bad .*\nRollback-Plan: [0-9a-f]{32}$`))
    if (place.length === 0) assert.equal(fingerprint(registry, registry.clone), before)
    else assert.equal(git(registry.clone, "status", "--porcelain"), "")
  })

  it("answers the rollback on record when it is asked for again", async () => {
    const again = await registry.json(0, "rollback", id, "--yes")
    assert.deepEqual([again.outcome, again.branch, again.resumed], ["already-rolled-back", `rollback/${id}`, true])
    const branches = registry.git(home(), "for-each-ref", "--format=%(refname:short)", "refs/heads/rollback")
    assert.equal(branches, `rollback/${id}`)
    assert.equal(Object(await registry.json(0, "batch", "show", id)).manifest.rollbacks.length, 1)
  })

  it("comes back when its rollback is rolled back, once that has landed", async () => {
    const { clone, git } = registry
    const before = at("main")
    if (place.length === 0) git(clone, "fetch", "-q", "origin", `rollback/${id}:rollback/${id}`)
    git(clone, "merge", "-q", "--ff-only", `rollback/${id}`)
    registry.push("main")
    const undone = await registry.json(0, "rollback", id, "--undo", "--yes")
    assertShape(SHAPES.rollback, undone)
    assert.deepEqual([undone.branch, undone.verified], [`rollback/${id}-undone`, true])
    assert.deepEqual(at(`rollback/${id}-undone`), before)
    assert.equal(Object(await registry.json(0, "batch", "show", id)).state, "merged")
  })
})
