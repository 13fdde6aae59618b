/** Puts a proposal's commit on a branch of its own, or finds it there from an earlier call that broke off. */
import { same } from "@batchbrake/core/batch/TreeEntry"
import type { Proposal, Proposed } from "@batchbrake/core/port/ContentRepository"
import { StoreRefused, StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { run } from "../../GitProgram.ts"
import type { NewObject } from "../GitObject.ts"
import { Damaged, type NamedCommit } from "../readCommit.ts"
import { isBranchName } from "../refuseName.ts"
import { branchesAbove, freeName, numberOf } from "./branchNames.ts"
import { type BuiltProposal, buildProposal } from "./buildProposal.ts"
import { type Branches, type ContentSource, commitBy, contentCommit, fetchMissing } from "./ContentSource.ts"
import { differencesBetween } from "./readTree.ts"

/** How many others may take the name first, one after the other. */
const RACES = 20

/** How often a name is tried under which no branch comes to stand: a killed git may have left a lock on it for good. */
const REFUSALS = 3

/** How many steps of a shallow history are fetched to see whether a commit belongs to it. */
const STEPS_BACK = 2

/** Whether one commit is in the history of another, as far as it takes little to know. */
const isAncestor = Effect.fn("isAncestor")(function* (source: ContentSource, older: string, newer: string) {
  const asked = source.invocation(["merge-base", "--is-ancestor", older, newer])
  if ((yield* run(asked)).exitCode === 0) return true
  for (const deepen of source.deepen.slice(0, STEPS_BACK)) {
    if ((yield* source.cuts).size === 0) return false
    yield* deepen([newer])
    if ((yield* run(asked)).exitCode === 0) return true
  }
  return false
})

/** Whether a commit does to an older state of the content branch what is proposed for the newer one, and nothing else. */
const doesTheSame = Effect.fn("doesTheSame")(function* (
  source: ContentSource,
  { entries, onto }: Proposal,
  commit: NamedCommit,
  parent: string
) {
  if (parent !== onto && !(yield* isAncestor(source, (yield* commitBy(source, parent)).id, onto))) return false
  const { changes, notBlobs } = yield* differencesBetween(source, parent, commit.id)
  if (notBlobs.length > 0 || changes.length !== entries.size) return false
  return changes.every(({ after, path }) => entries.has(path) && same(entries.get(path), after))
})

/** The commit that an earlier proposal was made on; `undefined`: this is none of ours, or cannot be known to be one. */
const earlierBase = (source: ContentSource, proposal: Proposal, id: string) =>
  Effect.gen(function* () {
    const commit = yield* commitBy(source, id)
    const [parent, ...others] = commit.parents
    if (parent === undefined || others.length > 0 || !proposal.isOurs(contentCommit(commit))) return undefined
    return (yield* doesTheSame(source, proposal, commit, parent)) ? parent : undefined
  }).pipe(Effect.catchTag("RevisionUnknown", () => Effect.succeed(undefined)))

/** The branch on which the proposal stands already. */
const findEarlier = Effect.fn("findEarlier")(function* (
  source: ContentSource,
  proposal: Proposal,
  { there }: Branches
) {
  const row = [...there].flatMap(([branch, id]) => {
    const number = numberOf(proposal.branch, branch)
    return number === undefined ? [] : [{ branch, id, number }]
  })
  for (const { branch, id } of row.sort((left, right) => left.number - right.number)) {
    const onto = yield* earlierBase(source, proposal, id)
    if (onto !== undefined) return { branch, commit: id, onto, resumed: true }
  }
  return undefined
})

/** Has everything at hand that the commit needs and stores it; no reference leads to it yet. */
const keep = Effect.fn("keep")(function* (
  source: ContentSource,
  made: ReadonlyMap<string, NewObject>,
  built: BuiltProposal
) {
  const merged = built.blobs.flatMap((id) => made.get(id) ?? [])
  const missing = yield* fetchMissing(
    source,
    built.blobs.filter((id) => !made.has(id))
  )
  if (missing.length > 0) {
    const [first] = missing
    const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more`
    return yield* new Damaged({ detail: `the blob ${first}${others} is neither here nor to be had` })
  }
  yield* source.store([...merged, ...built.objects])
})

/** A branch that no other can stand below. */
const obstacle = ({ name }: ContentSource, wanted: string, { there }: Branches): StoreRefused | undefined => {
  const above = branchesAbove(wanted).find((branch) => there.has(branch))
  if (above === undefined && isBranchName(wanted)) return undefined
  return new StoreRefused({
    detail:
      above === undefined
        ? `git takes no branch named ${JSON.stringify(wanted)}`
        : `the branch ${above} stands where ${wanted} is to be`,
    remedy: above === undefined ? "choose another name" : "rename it, or choose another name",
    store: name
  })
}

export const propose = Effect.fn("propose")(function* (
  source: ContentSource,
  made: ReadonlyMap<string, NewObject>,
  proposal: Proposal
) {
  const onto = yield* commitBy(source, proposal.onto)
  const built = yield* buildProposal(source, onto, proposal)
  const refusals = new Map<string, number>()
  const stuck = () => [...refusals].flatMap(([name, times]) => (times >= REFUSALS ? [name] : []))
  for (let race = 0; race < RACES; race++) {
    const branches = yield* source.branches(proposal.branch)
    const earlier = yield* findEarlier(source, proposal, branches)
    if (earlier !== undefined) return earlier satisfies Proposed as Proposed
    const refused = obstacle(source, proposal.branch, branches)
    if (refused !== undefined) return yield* refused
    if (race === 0) yield* keep(source, made, built)
    const branch = freeName(proposal.branch, [...branches.there.keys(), ...branches.elsewhere, ...stuck()])
    if (yield* source.publish(branch, built.id)) {
      return { branch, commit: built.id, onto: onto.id, resumed: false } satisfies Proposed as Proposed
    }
    refusals.set(branch, (refusals.get(branch) ?? 0) + 1)
  }
  return yield* new StoreUnavailable({
    detail: `the name ${proposal.branch} was taken by others ${RACES} times`,
    mayHaveLanded: false,
    remedy: "try again, or choose another name",
    store: source.name
  })
})
