/** A rollback as people read it: the plan path by path, what came of it, and what to do next. */
import type { Action, Step } from "@batchbrake/core/batch/RollbackPlan"
import { plainLine } from "@batchbrake/core/control/plainLine"
import type { RolledBack } from "@batchbrake/core/program/rollBack"
import { counted, shortened } from "./batches.ts"
import type { Cell, Colour, Line } from "./Page.ts"

const WHY: Readonly<Record<Action, string>> = {
  "already-reverted": "is as it was before already",
  "changed-since": "changed since: left alone",
  conflict: "changed since, and no merge takes the part out: left alone",
  delete: "added, and not changed since",
  merge: "changed since: the part is taken out by a merge",
  overwrite: "changed since: put back as it was before, whatever was done since",
  recreate: "deleted, and still absent",
  restore: "modified, and not changed since"
}

const COLOURS: Readonly<Record<Action, Colour | undefined>> = {
  "already-reverted": undefined,
  "changed-since": "yellow",
  conflict: "yellow",
  delete: "green",
  merge: "green",
  overwrite: "red",
  recreate: "green",
  restore: "green"
}

const actionOf = ({ action }: Step): Cell => {
  const colour = COLOURS[action]
  return colour === undefined ? { text: action } : { colour, text: action }
}

const whyOf = ({ action, path }: Step, { changedBy }: RolledBack["planned"]): string => {
  const [newest, ...older] = changedBy.get(path) ?? []
  if (newest === undefined) return WHY[action]
  const batch = newest.batch === undefined ? "" : ` (batch ${newest.batch})`
  const more = older.length === 0 ? "" : ` and ${older.length} before it`
  return `${WHY[action]}; by ${shortened(newest.commit)} ${newest.subject}${batch}${more}`
}

const countsOf = (steps: ReadonlyArray<Step>): string => {
  const counts = new Map<Action, number>()
  for (const { action } of steps) counts.set(action, (counts.get(action) ?? 0) + 1)
  return [...counts].map(([action, count]) => `${count} ${action}`).join(", ")
}

/** The plan alone: a row a path, and how many of each. */
export const planLines = ({ planned }: RolledBack): ReadonlyArray<Line> => [
  ...(planned.steps.length === 0
    ? []
    : [
        {
          head: ["PATH", "ACTION", "WHY"],
          rows: planned.steps.map((step) => [step.path, actionOf(step), whyOf(step, planned)])
        },
        `${counted(planned.steps.length, "path")}: ${countsOf(planned.steps)}`
      ]),
  ...planned.laterBatches.map(
    ({ id, paths }) => `batch ${id} built on it, at ${counted(paths.length, "path")}: ${paths.join(", ")}`
  )
]

/** Quoted for a shell, and without the back-quotes that would end the piece that is to be copied. */
const quoted = (text: string): string => {
  const plain = plainLine(text).replaceAll("`", "'")
  return /^[\w./@:+-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`
}

/** The line that brings the rollback's branch onto the content branch. */
export const nextLine = (
  { id, planned, proposed, verified }: RolledBack,
  place: { readonly isLocal: boolean; readonly contentBranch: string | undefined; readonly reason: string }
): string | undefined => {
  if (proposed === undefined || !verified) return undefined
  if (place.isLocal) return `git merge ${quoted(proposed.branch)}`
  const title = planned.target.undoes === undefined ? `Roll back batch ${id}` : `Put batch back: ${id}`
  const base = place.contentBranch === undefined ? "" : ` --base ${quoted(place.contentBranch)}`
  return `gh pr create --head ${quoted(proposed.branch)}${base} --title ${quoted(title)} --body ${quoted(place.reason)}`
}

/** How the pull request comes on record, once there is one. */
export const noteLines = ({ id }: RolledBack, next: string | undefined, isLocal: boolean): ReadonlyArray<Line> =>
  next === undefined || isLocal
    ? []
    : [`then, with its address: \`batchbrake batch proposed ${id} --rollback --pull-request URL\``]

/** What came of it. */
export const outcomeLines = ({ explanation, outcome, proposed, verified }: RolledBack): ReadonlyArray<Line> => {
  return [
    { colour: outcome === "rolled-back" ? "green" : "bold", text: explanation },
    ...(proposed === undefined
      ? []
      : [
          `branch ${proposed.branch}, commit ${proposed.commit}${
            verified ? ", read back: each path is as planned, and nothing else moved" : ""
          }`
        ])
  ]
}

/** What is left to do. */
export const nextLines = (next: string | undefined): ReadonlyArray<Line> =>
  next === undefined ? [] : [`next: \`${next}\``]
