/** What a rollback came to, as a stable code and in words. */
import { isLeft, type OnChanged, type RollbackPlan, writes } from "./RollbackPlan.ts"

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

/** What was asked for. `undo`: a rollback was to be taken out, not the batch. */
interface Asked {
  readonly undo: boolean
  readonly onChanged: OnChanged
}

/** What is still to be decided about paths that were left alone, after what was decided already. */
const FURTHER: Readonly<Record<OnChanged, string>> = {
  force: ": what stands there now is no file, or leaves no room for one",
  skip: ": decide with --on-changed",
  "three-way": ": no merge takes the part out, `--on-changed force` puts back what was there"
}

/** One line for people: what was done or not, and why. */
export const explain = (outcome: Outcome, id: string, steps: RollbackPlan, { onChanged, undo }: Asked): string => {
  const left = steps.filter(isLeft).length
  const rest = left === 0 ? "" : `; ${counted(left, "path")} changed since and left alone${FURTHER[onChanged]}`
  switch (outcome) {
    case "rolled-back":
      return `${id}: ${counted(steps.filter(writes).length, "path")} put back${rest}`
    case "planned":
      return `${id}: ${counted(steps.filter(writes).length, "path")} would be put back${rest}`
    case "already-rolled-back":
      return undo
        ? `${id}: its rollback is undone already: that stands`
        : `${id} is rolled back already: that rollback stands${rest}`
    case "already-reverted":
      return undo
        ? `${id}: every path is as it was before the rollback: it has not landed, or is undone already`
        : `${id}: every path is as it was before the batch already`
    case "nothing-matches":
      return `${id} changed no path: there is nothing to roll back`
    case "outside-content":
      return `${id}: none of its paths is under the policy's content, so none may be written: widen \`content\``
    case "all-changed-since":
      return `${id}: every path was changed since the batch${
        onChanged === "skip" ? "; `--on-changed three-way` takes only its part out" : FURTHER[onChanged]
      }`
    case "partly-changed-since":
      return `${id}: what was not changed since is as it was already${rest}`
    case "never-merged":
      return `${id} was never merged: nothing that it left at its paths was ever on the content branch`
  }
}
