import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Archive from "../batch/Archive.ts"
import * as BatchId from "../batch/BatchId.ts"
import * as Judgement from "../batch/Judgement.ts"
import { refusal } from "../batch/Refusal.ts"
import { decide } from "../control/Decision.ts"
import type { Reason } from "../control/Obstacle.ts"
import type { Policy } from "../policy/Policy.ts"
import type { ControlMissing, StoreCorrupt, StoreRefused, StoreUnavailable } from "../port/ControlStore.ts"
import { ControlStore } from "../port/ControlStore.ts"
import { Forge, type ForgeLimited, type ForgeRefused, type ForgeUnavailable } from "../port/Forge.ts"
import { type EpochMillis, MINUTE, SECOND } from "../time/Instant.ts"
import { isLoosened, onHold } from "./decideRuns.ts"
import type { ControlUnreadable } from "./Failure.ts"
import { loadControl } from "./loadControl.ts"

export type ForgeFailure = ForgeUnavailable | ForgeLimited | ForgeRefused
/** Why nothing is known of any batch. */
export type LookFailure = ControlMissing | ControlUnreadable | StoreCorrupt | StoreRefused | StoreUnavailable

/** Which batches, judged under what and when. No name: all that are open. */
export interface Judging {
  readonly policy: Policy
  readonly at: EpochMillis
  readonly batches: ReadonlyArray<string>
  /** A stop, and a run that is on record, take green back and give none: what waits for a person goes on waiting. */
  readonly redOnly?: boolean
}

/** What became of one pull request. */
export interface BatchJudged extends Judgement.Judged {
  readonly address: string
  /** Its check says this verdict, as far as the forge took it; else it says what it said before. */
  readonly isSaid: boolean
  /** It would have landed by itself, and does not any more. */
  readonly autoMergeDisabled: boolean
  /** What the forge did not do of it; empty: its check says the verdict, and it does not land by itself while red. */
  readonly failures: ReadonlyArray<ForgeFailure>
}

export interface BatchesJudged<E> {
  /** Oldest pull request first. */
  readonly judged: ReadonlyArray<BatchJudged>
  /** Why all of them, or all that were green, are red; `undefined`: the control branch was read each time. */
  readonly failure: E | undefined
}

/** Batches and gate as the control branch has them now, both of one commit. */
const look = Effect.fn("lookAtBatches")(function* (
  { at, policy }: Pick<Judging, "at" | "policy">,
  asked: ReadonlyArray<Judgement.Asked>
) {
  const store = yield* ControlStore
  const ids = asked.map(({ branch }) => branch.slice(Judgement.BRANCHES.length)).filter(BatchId.isBatchId)
  const loaded = yield* loadControl([], [...new Set(ids.flatMap(Archive.filesOf))])
  const known: Judgement.Known = {
    decide: (ecosystem) => {
      const request = { author: "", batch: undefined, candidates: [], claim: false, ecosystem, runKey: undefined }
      const [held] = isLoosened(loaded) ? onHold(loaded, [request], store.name) : []
      return held ?? decide(policy, loaded.control, { ...request, landing: true }, at)
    },
    manifestOf: (id) =>
      BatchId.isBatchId(id)
        ? Archive.manifestIn(loaded.snapshot.files, id)
        : Result.fail(refusal("malformed-id", `${JSON.stringify(id)} is no batch ID (YYYY-MM-DD-NNN)`))
  }
  return Judgement.judge(asked, known)
})

type Look<E, R> = (asked: ReadonlyArray<Judgement.Asked>) => Effect.Effect<ReadonlyArray<Judgement.Judged>, E, R>

/** A check is for everybody to read: what went wrong, and where, is told to whoever asked for the judgement alone. */
const UNKNOWN: Reason = { code: "unknown", message: "nothing is known of it: the control branch could not be read" }

/** One look; red all round where it fails. */
const lookOnce = Effect.fn("lookOnce")(function* <E, R>(asked: ReadonlyArray<Judgement.Asked>, looking: Look<E, R>) {
  const seen = yield* Effect.result(looking(asked))
  return Result.isSuccess(seen)
    ? { failure: undefined, judged: seen.success }
    : { failure: seen.failure, judged: Judgement.refuseAll(asked, UNKNOWN) }
})

const words = ({ isGreen, reasons }: Judgement.Judged): string =>
  `${isGreen ? "may land" : "may not land"}: ${reasons.map(({ message }) => message).join("; ")}`

/** How long a limit of the forge's is waited for, all in all: a batch that is left green is worse than an answer that is late. */
const PATIENCE_MILLIS = 10 * MINUTE

/** The same question, again once the forge takes it; a limit that lasts beyond `until` is the answer. */
const patiently = <A>(until: EpochMillis, asking: Effect.Effect<A, ForgeFailure>): Effect.Effect<A, ForgeFailure> =>
  asking.pipe(
    Effect.catchTag("ForgeLimited", (limited) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const retryAt = Math.max(limited.retryAt ?? now + MINUTE, now + SECOND)
        if (retryAt > until) return yield* limited
        yield* Effect.sleep(retryAt - now)
        return yield* patiently(until, asking)
      })
    )
  )

const failureOf = <A, E>(result: Result.Result<A, E>): ReadonlyArray<E> =>
  Result.isFailure(result) ? [result.failure] : []

/** Says a verdict, and keeps what is red from landing by itself: the one also where the other fails. */
const say = Effect.fn("sayVerdict")(function* (judged: Judgement.Judged, until: EpochMillis) {
  const forge = yield* Forge
  const { head, isGreen, number, sealed } = judged
  const check = { name: Judgement.CHECK, says: words(judged), verdict: isGreen ? "success" : "failure" } as const
  const checks = yield* Effect.forEach([head, ...(sealed === undefined ? [] : [sealed])], (commit) =>
    Effect.result(patiently(until, forge.setCheck({ ...check, commit })))
  )
  const held = isGreen ? Result.succeed(false) : yield* Effect.result(patiently(until, forge.disableAutoMerge(number)))
  return {
    autoMergeDisabled: Result.isSuccess(held) && held.success,
    failures: [...checks.flatMap(failureOf), ...failureOf(held)]
  }
})

/** Red ones first: what is to stop is said before what may go on. */
const redFirst = (judged: ReadonlyArray<Judgement.Judged>): ReadonlyArray<Judgement.Judged> => [
  ...judged.filter(({ isGreen }) => !isGreen),
  ...judged.filter(({ isGreen }) => isGreen)
]

/**
 * Behind the green ones the control branch is looked at once more: a stop that was recorded meanwhile is seen here, also
 * if our green was said over its red. One that is recorded later is said behind us.
 */
const judgeTwice = Effect.fn("judgeTwice")(function* <E, R>(
  { batches, redOnly }: Pick<Judging, "batches" | "redOnly">,
  looking: Look<E, R>
) {
  const forge = yield* Forge
  const until = (yield* Clock.currentTimeMillis) + PATIENCE_MILLIS
  const open = yield* patiently(until, forge.openPullRequests())
  const all = open.map(({ head, isForeign, number }) => ({ branch: head.branch, head: head.commit, isForeign, number }))
  const asked = Judgement.about(all, batches)
  const first = yield* lookOnce(asked, looking)
  const said = new Map<number, BatchJudged>()
  const tell = Effect.fn("tellVerdict")(function* (judged: Judgement.Judged) {
    const address = open.find(({ number }) => number === judged.number)?.address ?? ""
    const isSaid = !(judged.isGreen && redOnly === true)
    const done = isSaid ? yield* say(judged, until) : { autoMergeDisabled: false, failures: [] }
    said.set(judged.number, { ...judged, ...done, address, isSaid })
  })
  yield* Effect.forEach(redFirst(first.judged), tell, { discard: true })
  const green = first.judged.filter(({ isGreen }) => isGreen)
  const last = green.length === 0 ? first : yield* lookOnce(green, looking)
  const turned = last.judged.filter(({ isGreen, number }) => !isGreen && said.get(number)?.isGreen === true)
  yield* Effect.forEach(turned, tell, { discard: true })
  const judged = first.judged.flatMap(({ number }) => said.get(number) ?? [])
  const done: BatchesJudged<E> = { failure: first.failure ?? last.failure, judged }
  return done
})

/**
 * Judges the open pull requests of batches: the check of each says whether it may land now, and what is red does not land
 * by itself. They are found by their branch, `batch/ID` of this repository: a label is taken away by whoever may label.
 * Where the control branch cannot be read all are red. What the forge refuses of one keeps no other from being judged.
 */
export const judgeBatches = Effect.fn("judgeBatches")(function* (judging: Judging) {
  return yield* judgeTwice(judging, (asked) => look(judging, asked))
})

/** The same where not even a policy to judge by can be read: red, for that reason. */
export const refuseBatches = Effect.fn("refuseBatches")(function* <E>(batches: ReadonlyArray<string>, failure: E) {
  return yield* judgeTwice<E, never>({ batches }, () => Effect.fail(failure))
})
