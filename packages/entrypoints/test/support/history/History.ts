/** Random histories: a batch lands in one of the ways in which batches land, and people and other batches edit after it. */
import type { OnChanged } from "@batchbrake/core/batch/RollbackPlan"
import * as fc from "fast-check"
import { BEGINNING, besideEdits, type Edit, editedBy, isBeside, poolEdits, type Tree } from "./Edit.ts"

type Edits = ReadonlyArray<Edit>

export interface History {
  /** The batch's commits on its branch. */
  readonly batch: ReadonlyArray<Edits>
  /** Lands on the content branch while the batch is on its own. */
  readonly between: Edits
  readonly landing: "merge" | "squash" | "rebase" | "edited in review"
  readonly review: Edits
  /** Whether somebody confirmed the merge. What review edited is known only then. */
  readonly isConfirmed: boolean
  readonly later: ReadonlyArray<{ readonly edits: Edits; readonly isBatch: boolean }>
  /** The repository that the command is run in. */
  readonly place: "clone" | "shallow clone" | "empty clone" | "local"
  /** The ways in which it is rolled back, one after the other. */
  readonly modes: ReadonlyArray<OnChanged>
}

export const history: fc.Arbitrary<History> = fc.record({
  batch: fc.array(poolEdits, { maxLength: 3, minLength: 1 }),
  between: besideEdits,
  isConfirmed: fc.boolean(),
  landing: fc.constantFrom("merge", "squash", "rebase", "edited in review"),
  later: fc.array(
    fc.record({
      edits: fc.tuple(poolEdits, besideEdits).map(([pool, beside]) => [...pool.slice(0, 3), ...beside]),
      isBatch: fc.boolean()
    }),
    { maxLength: 2 }
  ),
  modes: fc.shuffledSubarray<OnChanged>(["skip", "three-way", "force"], { minLength: 1 }),
  place: fc.constantFrom("clone", "shallow clone", "empty clone", "local"),
  review: poolEdits
})

export interface Commit {
  readonly branch: string
  /** A branch that it begins on, or that it merges. */
  readonly from?: string
  readonly merge?: string
  readonly message: string
  readonly tree: Tree
}

/** The commits of a history in order, and the places of those that matter among them. */
export interface Course {
  readonly commits: ReadonlyArray<Commit>
  readonly base: number
  readonly head: number
  /** The content branch right before the batch, and with it. */
  readonly onto: number
  readonly landed: number
  /** Later batches: the commit before each, and its own. */
  readonly laterBatches: ReadonlyArray<{ readonly base: number; readonly landed: number }>
}

/** What stands on the content branch once a batch's tree is there: beside the batch nothing moves. */
const joined = (main: Tree, batch: Tree): Tree =>
  new Map([...[...main].filter(([path]) => isBeside(path)), ...[...batch].filter(([path]) => !isBeside(path))])

const landingsOf = ({ landing, review }: History, main: Tree, trees: ReadonlyArray<Tree>): ReadonlyArray<Commit> => {
  const whole = joined(main, trees.at(-1) ?? main)
  if (landing === "rebase") {
    return trees.map((tree, index) => ({ branch: "main", message: `Batch work ${index}`, tree: joined(main, tree) }))
  }
  if (landing === "merge") return [{ branch: "main", merge: "work", message: "Merge the batch", tree: whole }]
  const tree = landing === "squash" ? whole : editedBy(whole, review)
  return [{ branch: "main", message: "Add the batch (#1)", tree }]
}

/** A batch holds recipes alone: it neither changes anything else nor moves a recipe out. */
const isOfRecipes = (edit: Edits[number]): boolean =>
  edit.path.startsWith("recipes/") && (edit.kind !== "rename" || edit.to.startsWith("recipes/"))

export const courseOf = (run: History): Course => {
  const commits: Array<Commit> = [{ branch: "main", message: "Begin", tree: BEGINNING }]
  const add = (commit: Commit): number => commits.push(commit) - 1
  const trees = run.batch.map((_, index) => run.batch.slice(0, index + 1).reduce(editedBy, BEGINNING))
  let head = 0
  for (const [index, tree] of trees.entries()) {
    head = add({ branch: "work", ...(index === 0 ? { from: "main" } : {}), message: `Batch work ${index}`, tree })
  }
  const main = editedBy(BEGINNING, run.between)
  const onto = add({ branch: "main", message: "Land something in between", tree: main })
  const landings = landingsOf(run, main, trees)
  const landed = landings.map(add).at(-1) ?? onto
  let tree = landings.at(-1)?.tree ?? main
  const laterBatches: Array<{ base: number; landed: number }> = []
  for (const { edits, isBatch } of run.later) {
    tree = editedBy(tree, isBatch ? edits.filter(isOfRecipes) : edits)
    const made = add({ branch: "main", message: `Change ${commits.length}`, tree })
    if (isBatch) laterBatches.push({ base: made - 1, landed: made })
  }
  return { base: 0, commits, head, landed, laterBatches, onto }
}
