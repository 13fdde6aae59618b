/** What a rollback came to, as a stable code and in words. */
import { isLeft, type RollbackPlan, writes } from "./RollbackPlan.ts"

export type Outcome =
  /** One commit was proposed, and holds what the plan says. */
  | "rolled-back"
  /** The plan, and nothing done about it. */
  | "planned"
  /** It was proposed before, and that proposal stands or has landed. */
  | "already-rolled-back"
  | "already-reverted"
  | "nothing-matches"
  | "outside-content"
  | "all-changed-since"
  | "partly-changed-since"
  | "never-merged"

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** One line for people: what was done or not, and why. `undoing`: a rollback was to be taken out, not the batch. */
export const explain = (outcome: Outcome, id: string, steps: RollbackPlan, undoing: boolean): string => {
  const left = steps.filter(isLeft).length
  const rest = left === 0 ? "" : `; ${counted(left, "path")} changed since and left alone: decide with --on-changed`
  switch (outcome) {
    case "rolled-back":
      return `${id}: ${counted(steps.filter(writes).length, "path")} put back${rest}`
    case "planned":
      return `${id}: ${counted(steps.filter(writes).length, "path")} would be put back${rest}`
    case "already-rolled-back":
      return undoing
        ? `${id}: its rollback is undone already: that stands`
        : `${id} is rolled back already: that rollback stands${rest}`
    case "already-reverted":
      return undoing
        ? `${id}: every path is as it was before the rollback: it has not landed, or is undone already`
        : `${id}: every path is as it was before the batch already`
    case "nothing-matches":
      return `${id} changed no path: there is nothing to roll back`
    case "outside-content":
      return `${id}: none of its paths is under the policy's content, so none may be written: widen \`content\``
    case "all-changed-since":
      return `${id}: every path was changed since the batch; \`--on-changed three-way\` takes only its part out`
    case "partly-changed-since":
      return `${id}: what was not changed since is as it was already${rest}`
    case "never-merged":
      return `${id} was never merged: nothing that it left at its paths was ever on the content branch`
  }
}
