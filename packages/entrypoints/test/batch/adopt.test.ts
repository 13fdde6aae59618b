import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openRegistry, type Registry, treeAt } from "../support/Registry.ts"
import { assertShape, SHAPES } from "../support/Shape.ts"
import type { Json } from "../support/Workshop.ts"

const MATCH = ["batch", "adopt", "--match", "^feat\\(recipes\\): add batch (?<alias>\\S+) recipes"]

describe("Batches from before there were manifests", () => {
  let registry: Registry
  /** ID -> aliases, in the order of the answer. */
  const named = ({ batches }: Json): ReadonlyArray<string> =>
    Object(batches).map(({ aliases, id }: Json) => `${id} ${String(aliases)}`)
  const squashed = (date: string, alias: string, path: string, trailer = ""): string => {
    registry.onMain({ [path]: `for ${alias} ${date}\n`, "data/queue.json": `${path}\n` }, "To be worded")
    return registry.amend(`feat(recipes): add batch ${alias} recipes${trailer}`, date)
  }
  let last: string
  beforeAll(async () => {
    registry = await openRegistry()
    squashed("2026-02-06T10:00:00Z", "2026-02-06-homebrew", "recipes/a.toml")
    squashed("2026-02-06T22:00:00Z", "2026-02-06-homebrew", "recipes/b.toml")
    squashed("2026-02-07T09:00:00Z", "2026-02-07-npm", "recipes/c.toml", "\n\nBatch-Id: 2026-02-07-npm")
    registry.onMain({ "recipes/a.toml": "corrected\n" }, "fix(recipes): correct a")
    last = registry.onMain({ "docs/a.md": "text\n" }, "feat(recipes): add batch 2026-02-08-docs recipes")
  })
  afterAll(() => registry.dispose())

  it("are shown by a dry run, which writes nothing", async () => {
    const before = registry.git(registry.remote, "for-each-ref")
    const shown = await registry.json(0, ...MATCH, "--dry-run")
    assertShape(SHAPES.batchAdopt, shown)
    assert.deepEqual(named(shown), [
      "2026-02-06-001 2026-02-06-homebrew",
      "2026-02-06-002 2026-02-06-homebrew",
      "2026-02-07-001 2026-02-07-npm"
    ])
    assert.deepEqual(
      Object(shown.skipped).map(({ code, commit }: Json) => [code, commit]),
      [["outside-content", last]]
    )
    assert.equal(registry.git(registry.remote, "for-each-ref"), before)
  })

  it("are adopted all at once, each with the ecosystem that its name speaks of, and only once", async () => {
    const first = await registry.json(0, ...MATCH)
    assertShape(SHAPES.batchAdopt, first)
    assert.deepEqual(first.fresh, ["2026-02-06-001", "2026-02-06-002", "2026-02-07-001"])
    const { batches } = await registry.json(0, "batch", "list")
    assert.deepEqual(
      Object(batches).map(({ ecosystems, paths, state }: Json) => `${ecosystems} ${paths} ${state}`),
      ["homebrew recipes/a.toml merged", "homebrew recipes/b.toml merged", "npm recipes/c.toml merged"]
    )
    const before = registry.git(registry.remote, "rev-parse", "batch-control")
    const again = await registry.json(0, ...MATCH)
    assert.deepEqual([again.fresh, named(again)], [[], named(first)])
    const byTrailer = await registry.json(0, "batch", "adopt", "--trailer", "Batch-Id", "--ecosystem", "npm")
    assert.deepEqual([byTrailer.fresh, named(byTrailer)], [[], ["2026-02-07-001 2026-02-07-npm"]])
    assert.equal(registry.git(registry.remote, "rev-parse", "batch-control"), before)
  })

  it("are found by an alias that one of them has, and refused by one that several have", async () => {
    assert.equal((await registry.json(0, "batch", "show", "2026-02-07-npm")).id, "2026-02-07-001")
    const { error } = await registry.json(2, "rollback", "2026-02-06-homebrew", "--yes")
    assert.equal(Object(error).code, "ambiguous-alias")
    assert.match(Object(error).message, /2 batches: 2026-02-06-001, 2026-02-06-002; say which by its ID/)
  })

  it("can be rolled back like any other, by their alias too", async () => {
    const { "recipes/c.toml": gone, ...others } = treeAt(registry, "main")
    assert.ok(gone)
    const done = await registry.json(0, "rollback", "2026-02-07-npm", "--yes")
    assert.deepEqual([done.id, done.branch, done.verified], ["2026-02-07-001", "rollback/2026-02-07-001", true])
    assert.deepEqual(treeAt(registry, "rollback/2026-02-07-001"), others)
    const changed = await registry.json(0, "rollback", "2026-02-06-001", "--yes")
    assert.equal(changed.outcome, "all-changed-since")
    assert.equal(Object(changed.plan)[0].changed_by[0].subject, "fix(recipes): correct a")
  })

  it("are taken one by one, and refused where they are not on the content branch", async () => {
    const one = await registry.json(0, "batch", "adopt", "--commit", "main~1", "--ecosystem", "npm", "--dry-run")
    assert.equal(Object(one.fresh).length, 1)
    registry.onBranch("elsewhere", { "recipes/e.toml": "1\n" })
    const { error } = await registry.json(2, "batch", "adopt", "--commit", "elsewhere", "--ecosystem", "npm")
    assert.equal(Object(error).code, "not-on-branch")
  })
})
