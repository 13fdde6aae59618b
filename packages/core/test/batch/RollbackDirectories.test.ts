import { strict as assert } from "node:assert"
import * as RollbackPlan from "@batchbrake/core/batch/RollbackPlan"
import type { PathChange, TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import { describe, it } from "vitest"
import { changed, directory, file } from "./batches.ts"

const tree = (entries: Readonly<Record<string, TreeEntry>>): ReadonlyMap<string, TreeEntry> =>
  new Map(Object.entries(entries))

/** The batch took a file away and put a directory with one file in its place. */
const REPLACED: ReadonlyArray<PathChange> = [changed("r/a", "1", undefined), changed("r/a/x", undefined, "2")]
const LANDED = tree({ "r/a": directory, "r/a/x": file("2") })

const actions = (steps: RollbackPlan.RollbackPlan) => steps.map(({ action, path }) => [path, action])

describe("Directories that a batch put in the place of files (SPEC.md RB)", () => {
  it("[RB1] stand in the way of the file until what is in them is gone", () => {
    const steps = RollbackPlan.plan(REPLACED, LANDED, "skip")
    assert.deepEqual(actions(steps), [
      ["r/a", "changed-since"],
      ["r/a/x", "delete"]
    ])
    assert.deepEqual(RollbackPlan.blockedByDirectories(steps), ["r/a"])
    const emptied = RollbackPlan.withoutEmptied(steps, LANDED, ["r/a/x", "r/ab"])
    assert.deepEqual([...emptied.keys()], ["r/a/x"])
    assert.deepEqual(actions(RollbackPlan.plan(REPLACED, emptied, "skip")), [
      ["r/a", "recreate"],
      ["r/a/x", "delete"]
    ])
  })

  it("[RB3] stay while anything else is in them", () => {
    const steps = RollbackPlan.plan(REPLACED, LANDED, "skip")
    assert.deepEqual(RollbackPlan.withoutEmptied(steps, LANDED, ["r/a/x", "r/a/y"]), LANDED)
    const kept = RollbackPlan.plan(REPLACED, tree({ "r/a": directory, "r/a/x": file("3") }), "skip")
    assert.deepEqual(actions(kept)[1], ["r/a/x", "changed-since"])
    assert.deepEqual(RollbackPlan.withoutEmptied(kept, LANDED, ["r/a/x"]), LANDED)
  })

  it("[RB3] are named where the batch had taken a file away, and nowhere else", () => {
    const of = (change: PathChange, current: TreeEntry | undefined): ReadonlyArray<string> =>
      RollbackPlan.blockedByDirectories(
        RollbackPlan.plan([change], tree(current === undefined ? {} : { r: current }), "skip")
      )
    assert.deepEqual(of(changed("r", "1", undefined), directory), ["r"])
    assert.deepEqual(of(changed("r", "1", undefined), file("3")), [])
    assert.deepEqual(of(changed("r", "1", undefined), undefined), [])
    assert.deepEqual(of(changed("r", "1", "2"), directory), [])
    assert.deepEqual(of({ ...changed("r", undefined, undefined), before: directory }, directory), [])
  })

  it("[RB8] count as what was there before only where the batch's own files were in them", () => {
    const made = changed("r/a", undefined, "1")
    const stateOf = (other: PathChange) =>
      actions(RollbackPlan.plan([made, other], tree({ "r/a": directory }), "force"))[0]
    assert.deepEqual(stateOf(changed("r/a/x", "2", undefined)), ["r/a", "already-reverted"])
    assert.deepEqual(stateOf(changed("r/a/x", undefined, "2")), ["r/a", "changed-since"])
    assert.deepEqual(stateOf(changed("r/ab", "2", undefined)), ["r/a", "changed-since"])
    const held = RollbackPlan.plan(
      [changed("r/a", "1", "2"), changed("r/a/x", "2", undefined)],
      tree({ "r/a": directory }),
      "force"
    )
    assert.deepEqual(actions(held)[0], ["r/a", "changed-since"])
  })
})

describe("What a plan comes to (SPEC.md RB)", () => {
  const changes = [
    changed("r/added", undefined, "1"),
    changed("r/deleted", "1", undefined),
    changed("r/moved", "1", "2"),
    changed("r/other", "1", "2"),
    changed("r/same", "1", "2")
  ]
  const current = tree({ "r/added": file("1"), "r/moved": file("2"), "r/other": file("3"), "r/same": file("1") })

  it("[RB10] what is still as the batch left it proves that it landed, by each of its three ways", () => {
    const exact = (mode: RollbackPlan.OnChanged): ReadonlyArray<string> =>
      RollbackPlan.plan(changes, current, mode)
        .filter(RollbackPlan.isExact)
        .map(({ path }) => path)
    for (const mode of ["skip", "three-way", "force"] as const) {
      assert.deepEqual(exact(mode), ["r/added", "r/deleted", "r/moved"])
    }
  })

  it("[RB5] is written path by path, and can be taken out again by the same planner", () => {
    const steps = RollbackPlan.plan(changes, current, "force")
    assert.deepEqual(
      [...RollbackPlan.entriesOf(steps)],
      [
        ["r/added", undefined],
        ["r/deleted", file("1")],
        ["r/moved", file("1")],
        ["r/other", file("1")]
      ]
    )
    const written = RollbackPlan.writtenBy(steps)
    assert.deepEqual(written[3], changed("r/other", "3", "1"))
    const after = new Map(
      [...current, ...RollbackPlan.entriesOf(steps)].flatMap(([path, entry]) =>
        entry === undefined ? [] : [[path, entry] as const]
      )
    )
    after.delete("r/added")
    const back = RollbackPlan.entriesOf(RollbackPlan.plan(written, after, "skip"))
    assert.deepEqual(back.get("r/other"), file("3"))
    assert.deepEqual(RollbackPlan.pathsToRead([changed("a/b/c", "1", "2"), changed("a/d", "1", "2")]), [
      "a/b/c",
      "a",
      "a/b",
      "a/d"
    ])
  })

  it("[RB4] a conflict and what was changed since is left, a merge and what is forced is not", () => {
    const link = file("9", "120000")
    const of = (mode: RollbackPlan.OnChanged, entry: TreeEntry) =>
      RollbackPlan.plan([changed("r", "1", "2")], tree({ r: entry }), mode).map((step) => [
        step.action,
        RollbackPlan.isLeft(step)
      ])[0]
    assert.deepEqual(of("skip", file("3")), ["changed-since", true])
    assert.deepEqual(of("three-way", file("3")), ["merge", false])
    assert.deepEqual(of("three-way", link), ["conflict", true])
    assert.deepEqual(of("force", link), ["overwrite", false])
    assert.deepEqual(of("three-way", directory), ["changed-since", true])
  })
})
