/** Plays a random history through the programs of batches and rollbacks, each as a run of its own, and judges what comes. */
import { randomBytes } from "node:crypto"
import type { OnChanged } from "@batchbrake/core/batch/RollbackPlan"
import * as Policy from "@batchbrake/core/policy/Policy"
import type { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import type { ControlStore } from "@batchbrake/core/port/ControlStore"
import { confirmMerge } from "@batchbrake/core/program/confirmMerge"
import { initControl } from "@batchbrake/core/program/initControl"
import { openBatch } from "@batchbrake/core/program/openBatch"
import { rollBack } from "@batchbrake/core/program/rollBack"
import { sealBatch } from "@batchbrake/core/program/sealBatch"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { courseOf, type History } from "./History.ts"
import { judgeCommit, judgeReport, judgeTrees } from "./judge.ts"
import { openRandom, type RandomRepository } from "./RandomRepository.ts"

const policy = Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"], "main")))
const AT = Date.UTC(2026, 1, 6)

const originAt = (minute: number) => ({
  at: AT + minute * 60_000,
  author: "tester",
  nonce: randomBytes(12).toString("hex"),
  policy
})

interface Sealing {
  readonly base: string
  readonly head: string
  /** The commit that it landed with; `undefined`: nobody confirms it. */
  readonly landed: string | undefined
}

const putOnRecord = Effect.fnUntraced(function* (minute: number, { base, head, landed }: Sealing) {
  const { id } = yield* openBatch(originAt(minute), ["npm"])
  yield* sealBatch(originAt(minute), id, { base, head })
  if (landed !== undefined) yield* confirmMerge(originAt(minute), id, landed, { instead: false, whateverPaths: true })
  return id
})

const runOnce = async <A, E>(
  repository: RandomRepository,
  program: Effect.Effect<A, E, ContentRepository | ControlStore>
): Promise<A> => {
  const runtime = repository.start()
  try {
    return await runtime.runPromise(program)
  } finally {
    await runtime.dispose()
  }
}

const isNothing = (repository: RandomRepository, one: string, other: string): boolean =>
  repository.git("rev-parse", `${one}^{tree}`) === repository.git("rev-parse", `${other}^{tree}`)

/** What each way of rolling back came to. */
export type Played = Readonly<Record<OnChanged, string>> | "nothing to seal"

const play = async (repository: RandomRepository, run: History): Promise<Played> => {
  const course = courseOf(run)
  const at = (index: number): string => repository.ids[index] ?? ""
  const [base, head, onto, landed] = [at(course.base), at(course.head), at(course.onto), at(course.landed)]
  const tip = repository.git("rev-parse", "main")
  if (isNothing(repository, base, head)) return "nothing to seal"
  const isConfirmed = run.isConfirmed || run.landing === "edited in review"
  const id = await runOnce(
    repository,
    Effect.gen(function* () {
      yield* initControl({ ...originAt(0), published: undefined })
      const id = yield* putOnRecord(0, { base, head, landed: isConfirmed ? landed : undefined })
      for (const later of course.laterBatches) {
        const [before, after] = [at(later.base), at(later.landed)]
        if (!isNothing(repository, before, after)) yield* putOnRecord(1, { base: before, head: after, landed: after })
      }
      return id
    })
  )
  const [before, after, now] = [repository.treeAt(onto), repository.treeAt(landed), repository.treeAt(tip)]
  const outcomes: Record<OnChanged, string> = { force: "", skip: "", "three-way": "" }
  for (const [index, onChanged] of run.modes.entries()) {
    const request = { dryRun: false, name: id, onChanged, reason: "a test", undo: false }
    const done = await runOnce(repository, rollBack(originAt(2 + index), request))
    const result = repository.treeAt(judgeCommit(repository, tip, done))
    judgeTrees(repository, onChanged, { after, before, now, result })
    if (isConfirmed) judgeReport(repository, landed, tip, done)
    outcomes[onChanged] = done.outcome
  }
  repository.git("fsck", "--strict")
  return outcomes
}

export const playHistory = async (run: History): Promise<Played> => {
  const repository = openRandom(courseOf(run).commits, run.place)
  try {
    return await play(repository, run)
  } finally {
    repository.dispose()
  }
}
