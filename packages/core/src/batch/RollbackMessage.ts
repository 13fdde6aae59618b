/**
 * What a rollback's commit says. Its trailers are its own: no search for the trailer of the batch finds it, so that a
 * rollback is never taken for the batch that it takes out.
 */
import { plainLine } from "../control/plainLine.ts"
import * as Sha256 from "../hash/Sha256.ts"
import { print } from "../json/Json.ts"
import type { RollbackPlan } from "./RollbackPlan.ts"
import { isDirectory, type TreeEntry } from "./TreeEntry.ts"

/** One rollback, or the undoing of one. */
export interface Rolling {
  readonly id: string
  readonly aliases: ReadonlyArray<string>
  readonly reason: string
  /** The rollback commit that is taken out again; `undefined`: the batch itself is. */
  readonly undoes: string | undefined
  readonly steps: RollbackPlan
}

const KEYS = { of: "Rollback-Of", plan: "Rollback-Plan", reason: "Rollback-Reason", undoes: "Rollback-Undoes" } as const
const SUBJECT = { back: "Put batch back:", out: "Roll back batch" } as const

const entryText = (entry: TreeEntry | undefined): string =>
  entry === undefined ? "" : isDirectory(entry) ? entry.mode : `${entry.mode} ${entry.blob}`

/**
 * Identifies what is rolled back and how, whatever commit it is made on: an earlier run of the same rollback that did
 * not come to its end has the same one.
 */
export const planDigest = ({ id, steps, undoes }: Rolling): string =>
  Sha256.hex(
    print([
      id,
      undoes ?? "",
      steps.map(({ action, current, outcome, path }) => [path, action, entryText(current), entryText(outcome)])
    ])
  ).slice(0, 32)

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** A reason that quotes the batch's own trailer must not be found by a search for it: the colon goes. */
const unquoted = ({ aliases, id, reason }: Rolling): string =>
  plainLine(reason).replace(new RegExp(`:(\\s*)(?=${[id, ...aliases].map(escaped).join("|")})`, "gu"), " $1")

const SUBJECT_LENGTH = 100

const subjectOf = ({ id, undoes }: Rolling, reason: string): string => {
  const text = [...`${undoes === undefined ? SUBJECT.out : SUBJECT.back} ${id}, ${reason}`]
  return text.length > SUBJECT_LENGTH ? `${text.slice(0, SUBJECT_LENGTH - 1).join("")}…` : text.join("")
}

/** The message of the one commit of a rollback. */
export const render = (rolling: Rolling): string => {
  const reason = unquoted(rolling)
  return [
    subjectOf(rolling, reason),
    "",
    `${KEYS.of}: ${rolling.id}`,
    ...(rolling.undoes === undefined ? [] : [`${KEYS.undoes}: ${rolling.undoes}`]),
    `${KEYS.reason}: ${reason}`,
    `${KEYS.plan}: ${planDigest(rolling)}`,
    ""
  ].join("\n")
}

const trailer = (message: string, key: string): string | undefined =>
  message
    .trimEnd()
    .split(/\n[ \t]*\n/)
    .at(-1)
    ?.split("\n")
    .find((line) => line.startsWith(`${key}: `))
    ?.slice(key.length + 2)

/** Whether a commit's message is of this very rollback. */
export const isOf = (rolling: Rolling, message: string): boolean =>
  trailer(message, KEYS.of) === rolling.id && trailer(message, KEYS.plan) === planDigest(rolling)

/** The reason that a rollback's commit gives. */
export const reasonOf = (message: string): string | undefined => trailer(message, KEYS.reason)

/** Whether a commit is a rollback, of whatever batch: also one whose trailers a squash merge has dropped. */
export const isRollback = (message: string): boolean =>
  trailer(message, KEYS.of) !== undefined ||
  message.startsWith(`${SUBJECT.out} `) ||
  message.startsWith(`${SUBJECT.back} `)

/** The branch that a rollback wants. */
export const branchOf = ({ id, undoes }: Pick<Rolling, "id" | "undoes">): string =>
  undoes === undefined ? `rollback/${id}` : `rollback/${id}-undone`
