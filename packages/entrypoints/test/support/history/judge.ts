/** What a rollback promises (SPEC.md RB), looked at with plain git. */
import { strict as assert } from "node:assert"
import type { OnChanged } from "@batchbrake/core/batch/RollbackPlan"
import * as RollbackPlan from "@batchbrake/core/batch/RollbackPlan"
import type { RolledBack } from "@batchbrake/core/program/rollBack"
import type { RandomRepository } from "./RandomRepository.ts"

type Entries = ReadonlyMap<string, string>

/** The trees before the batch, with it, now, and rolled back. */
export interface Trees {
  readonly before: Entries
  readonly after: Entries
  readonly now: Entries
  readonly result: Entries
}

const pathsOf = (...trees: ReadonlyArray<Entries>): ReadonlyArray<string> => [
  ...new Set(trees.flatMap((tree) => [...tree.keys()]))
]

/** The paths in which two trees differ. */
const changed = (one: Entries, other: Entries): ReadonlyArray<string> =>
  pathsOf(one, other).filter((path) => one.get(path) !== other.get(path))

/** One side's value where only one side changed it. */
const sided = (base: string, ours: string, theirs: string): string | undefined =>
  ours === theirs || theirs === base ? ours : ours === base ? theirs : undefined

const split = (entry: string): readonly [string, string] => [entry.slice(0, 6), entry.slice(12)]

/** The batch's part taken out by git; `undefined`: that cannot be done. */
const mergedOf = ({ merged }: RandomRepository, before?: string, after?: string, now?: string): string | undefined => {
  if (before === undefined || after === undefined || now === undefined) return undefined
  const [[beforeMode, old], [afterMode, left], [nowMode, current]] = [split(before), split(after), split(now)]
  if ([beforeMode, afterMode, nowMode].includes("120000")) return undefined
  const [mode, blob] = [sided(afterMode, nowMode, beforeMode), merged(current, left, old)]
  return mode === undefined || blob === undefined ? undefined : `${mode} blob ${blob}`
}

const expectedAt = (repository: RandomRepository, mode: OnChanged, trees: Trees, path: string): string | undefined => {
  const [before, after, now] = [trees.before.get(path), trees.after.get(path), trees.now.get(path)]
  if (now === before || now === after) return before
  if (mode === "force") return before
  return mode === "skip" ? now : (mergedOf(repository, before, after, now) ?? now)
}

/** Whether a file cannot be put there: a file stands above, or a directory with files in it is in its place. */
const isBlocked = ({ result }: Trees, path: string): boolean =>
  [...result.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))

/** Every path of the batch as it is to be, and every other one as it was. */
export const judgeTrees = (repository: RandomRepository, mode: OnChanged, trees: Trees): void => {
  const { after, before, now, result } = trees
  const ofBatch = changed(before, after).filter((path) => path.startsWith("recipes/"))
  for (const path of ofBatch) {
    const expected = expectedAt(repository, mode, trees, path)
    if (result.get(path) === expected) continue
    assert.ok(
      expected !== undefined && isBlocked(trees, path),
      `${mode}: ${path} is ${result.get(path)}, not ${expected}`
    )
    assert.equal(result.get(path), now.get(path), `${mode}: ${path} was lost`)
  }
  const beside = changed(now, result).filter((path) => !ofBatch.includes(path))
  assert.deepEqual(beside, [], `${mode}: paths of others moved`)
}

/** One commit on the tip that writes what the plan says and nothing else; or none, and then nothing was to be written. */
export const judgeCommit = (
  { git }: RandomRepository,
  tip: string,
  { outcome, planned, proposed, verified }: RolledBack
): string => {
  const written = planned.steps.filter(RollbackPlan.writes).map(({ path }) => path)
  if (proposed === undefined) {
    assert.deepEqual(written, [], `${outcome} left something to write`)
    return tip
  }
  assert.ok(outcome === "rolled-back" || outcome === "already-rolled-back", outcome)
  assert.equal(verified, true)
  assert.equal(git("rev-parse", proposed.branch), proposed.commit)
  assert.equal(git("rev-list", "--parents", "-1", proposed.commit), `${proposed.commit} ${tip}`)
  const names = git("diff-tree", "-r", "-z", "--name-only", "--no-renames", tip, proposed.commit).split("\0")
  assert.deepEqual(names.filter((name) => name !== "").sort(), [...written].sort())
  assert.equal(git("rev-parse", "main"), tip)
  return proposed.commit
}

/** Each changed path is reported with the commits that changed it since the batch landed, newest first. */
export const judgeReport = ({ git }: RandomRepository, landed: string, tip: string, { planned }: RolledBack): void => {
  for (const [path, commits] of planned.changedBy) {
    // Git would take the one that can be a directory for all that is below it.
    if (path === "recipes/d") continue
    const listed = git("log", "--first-parent", "-5", "--format=%H", `${landed}..${tip}`, "--", `:(literal)${path}`)
    assert.deepEqual(commits.map(({ commit }) => commit).join("\n"), listed, `${path} was changed by others`)
  }
}
