/**
 * Whether the open pull request of a batch may land, which is what its check says. Green is said of what is known to be
 * as it was sealed and let through by the gate, and of nothing else. SPEC.md, section JU.
 */
import * as Result from "effect/Result"
import type { Decision } from "../control/Decision.ts"
import type { Reason } from "../control/Obstacle.ts"
import { plainLine, shortName } from "../control/plainLine.ts"
import type { Manifest } from "./Manifest.ts"
import type { Refusal } from "./Refusal.ts"

/** The name under which a commit is said to be fit to land, or not. */
export const CHECK = "batchbrake"
/** What the branch of a batch begins with; its ID is the rest. */
export const BRANCHES = "batch/"

/** An open pull request, as much of it as is judged. */
export interface Asked {
  readonly number: number
  /** The branch that is to land, and the newest commit on it. */
  readonly branch: string
  readonly head: string
  /** Its branch stands in another repository. */
  readonly isForeign: boolean
}

export interface Judged extends Asked {
  /** What its branch names: an ID, or something that is none. */
  readonly batch: string
  readonly isGreen: boolean
  /** The commit that it was sealed with, where that is another than its head: red too, or the branch put back would be green. */
  readonly sealed?: string
  /** Why: everything that stands in the way, or what the gate says of each ecosystem. */
  readonly reasons: ReadonlyArray<Reason>
}

/** What is on record of batches, and what the gate answers about landing. */
export interface Known {
  readonly manifestOf: (batch: string) => Result.Result<Manifest, Refusal>
  readonly decide: (ecosystem: string) => Decision
}

/** What a branch of this repository says that it brings; `undefined`: no batch. */
const batchOf = ({ branch, isForeign }: Asked): string | undefined =>
  isForeign || !branch.startsWith(BRANCHES) ? undefined : branch.slice(BRANCHES.length)

/** What stands in the way of a batch, whatever the gate says. */
const oddities = ({ head, id, state }: Manifest, asked: Asked): ReadonlyArray<Reason> => {
  const odd: Array<Reason> = []
  if (state === "open") odd.push({ code: "not-sealed", message: `${id} is not sealed: nobody said what it changes` })
  if (state === "merged") odd.push({ code: "merged", message: `${id} has landed: close its pull request` })
  if (state === "rolled-back") {
    odd.push({ code: "rolled-back", message: `${id} was taken out again: undo its rollback, do not land it anew` })
  }
  if (head !== undefined && head !== asked.head) {
    const message = `its branch is at ${asked.head}, and ${id} was sealed with ${head}: only what was sealed was judged`
    odd.push({ code: "moved", message })
  }
  return odd
}

/** One reason an ecosystem, with its name. */
const answers = ({ decision, ecosystem, reasons }: Decision): Reason => ({
  code: decision === "hold" ? (reasons[0]?.code ?? "hold") : decision,
  message: plainLine(`${shortName(ecosystem)}: ${reasons.map(({ message }) => message).join("; ") || decision}`)
})

const judgeOne = (asked: Asked, batch: string, { decide, manifestOf }: Known): Judged => {
  const manifest = manifestOf(batch)
  if (Result.isFailure(manifest)) {
    const { code, message } = manifest.failure
    return { ...asked, batch, isGreen: false, reasons: [{ code, message }] }
  }
  const decisions = manifest.success.ecosystems.map(decide)
  const none =
    decisions.length > 0 ? [] : [{ code: "no-ecosystem", message: `${batch} names no ecosystem to ask about` }]
  const held = decisions.filter(({ decision }) => decision === "hold")
  const against = [...oddities(manifest.success, asked), ...none, ...held.map(answers)]
  const { head } = manifest.success
  const isGreen = against.length === 0 && head === asked.head
  const sealed = head === undefined || head === asked.head ? {} : { sealed: head }
  return { ...asked, ...sealed, batch, isGreen, reasons: isGreen ? decisions.map(answers) : against }
}

/** A check is of the commit: where two pull requests have one head, the one that may not land keeps the other. */
const oneVerdictACommit = (judged: ReadonlyArray<Judged>): ReadonlyArray<Judged> => {
  const red = new Map(judged.filter(({ isGreen }) => !isGreen).map((one) => [one.head, one]))
  return judged.map((one) => {
    const other = one.isGreen ? red.get(one.head) : undefined
    if (other === undefined) return one
    const message = `pull request ${other.number} has the same head and may not land, and a check is of the commit`
    return { ...one, isGreen: false, reasons: [{ code: "shared-head", message }] }
  })
}

const each = (asked: ReadonlyArray<Asked>, judge: (one: Asked, batch: string) => Judged): ReadonlyArray<Judged> =>
  asked.flatMap((one) => {
    const batch = batchOf(one)
    return batch === undefined ? [] : [judge(one, batch)]
  })

/** The verdict on each pull request that brings a batch; those of other repositories and other branches are left out. */
export const judge = (asked: ReadonlyArray<Asked>, known: Known): ReadonlyArray<Judged> =>
  oneVerdictACommit(each(asked, (one, batch) => judgeOne(one, batch, known)))

/** The verdict where nothing is known of any batch: red, for the reason that keeps it from being known. */
export const refuseAll = (asked: ReadonlyArray<Asked>, reason: Reason): ReadonlyArray<Judged> =>
  each(asked, (one, batch) => ({ ...one, batch, isGreen: false, reasons: [reason] }))

/**
 * Those that are about these batches, and all that have a head in common with one of them: their verdicts are one. No
 * name: all.
 */
export const about = (asked: ReadonlyArray<Asked>, batches: ReadonlyArray<string>): ReadonlyArray<Asked> => {
  const named = asked.filter((one) => batches.includes(batchOf(one) ?? ""))
  const heads = new Set(named.map(({ head }) => head))
  return batches.length === 0 ? asked : asked.filter((one) => named.includes(one) || heads.has(one.head))
}
