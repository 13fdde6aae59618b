/** Moves the branch on the remote by compare-and-swap, and says exactly what came of it. */
import { StoreRefused, StoreUnavailable, type VersionConflict } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { failureOf, type GitOutput, run } from "../GitProgram.ts"
import { REMOTE } from "./configuration.ts"
import { remoteTip } from "./fetchBranch.ts"
import type { PrivateRepository } from "./PrivateRepository.ts"
import { isRace, isUnpackFailure, parsePushReport } from "./pushReport.ts"
import { redact } from "./redact.ts"
import { type Attempt, storeFailure } from "./storeFailure.ts"

export interface Push {
  readonly repository: PrivateRepository
  readonly branch: string
  /** Where the branch has to be, `undefined` for nowhere. */
  readonly expected: string | undefined
  /** The commit that it is to be at. */
  readonly id: string
  /** What the operation is known by, once something may be on its way. */
  readonly attempt: Attempt
  /** What to fail with when the branch is elsewhere. */
  readonly conflict: VersionConflict
}

/** How long the other writer of a race may take until its write shows. */
const RACE_MILLIS = 500

const DECLINED =
  "let the bot that writes it push to this branch: see the remote's branch protection, rulesets and pre-receive hooks"

/** What the server and its hooks said, in one line. */
const remoteWords = (stderr: string): string =>
  stderr
    .split(/[\r\n]+/)
    .flatMap((line) => (line.startsWith("remote:") ? [line.slice("remote:".length).trim()] : []))
    .filter((line) => line !== "")
    .join("; ")
    .slice(0, 300)

const hasMoved = ({ attempt, branch, expected, repository }: Push) =>
  remoteTip(repository, branch).pipe(
    Effect.map((tip) => tip !== expected),
    Effect.mapError((failure) => storeFailure({ ...attempt, isSent: false }, failure))
  )

/** The server said no in its own words. If the branch is elsewhere by now, that was why; if not, it meant it. */
const rejected = Effect.fn("rejected")(function* (push: Push, reason: string, stderr: string) {
  const { attempt, conflict } = push
  const words = remoteWords(stderr)
  const detail = redact(words === "" || words.includes(reason) ? words || reason : `${reason}: ${words}`)
  if (isUnpackFailure(reason)) {
    const isFull = /No space left|quota/i.test(stderr)
    return yield* new StoreUnavailable({
      detail: isFull ? "the remote's disk is full" : `the remote could not store the commit: ${detail}`,
      mayHaveLanded: false,
      remedy: isFull ? "free space on the remote, then try again" : "look at the remote's disk and permissions",
      store: attempt.store
    })
  }
  if (yield* hasMoved(push)) return yield* conflict
  if (!isRace(reason)) return yield* new StoreRefused({ detail, remedy: DECLINED, store: attempt.store })
  yield* Effect.sleep(RACE_MILLIS)
  if (yield* hasMoved(push)) return yield* conflict
  return yield* new StoreUnavailable({
    detail: `the remote cannot move the branch: ${detail}`,
    mayHaveLanded: false,
    remedy: "try again; if it stays so, look for a stale lock file or a branch below this name on the remote",
    store: attempt.store
  })
})

const judge = (push: Push, output: GitOutput) => {
  const stdout = output.stdout.toString("utf8")
  const report = parsePushReport(stdout)
  switch (report.kind) {
    case "accepted":
      return Effect.void
    // Every commit carries a nonce: the branch cannot be at ours already unless somebody else wrote the same.
    case "up-to-date":
    case "behind":
      return Effect.fail(push.conflict)
    case "rejected":
      return rejected(push, report.reason, output.stderr)
    case "no-report": {
      const { exitCode, stderr } = output
      const invocation = push.repository.invocation(["push"])
      return Effect.fail(storeFailure(push.attempt, failureOf(invocation, "exit", { exitCode, stderr, stdout })))
    }
  }
}

/** Pushes under an exact lease: the branch moves from `expected` to `id`, or nothing happens. */
export const pushCommit = (push: Push) => {
  const { attempt, branch, expected, id, repository } = push
  const ref = `refs/heads/${branch}`
  const lease = `--force-with-lease=${ref}:${expected ?? ""}`
  const args = ["push", "--porcelain", "--no-verify", "--no-thin", "--no-progress", lease, REMOTE, `${id}:${ref}`]
  return run(repository.invocation(args)).pipe(
    Effect.mapError((failure) => storeFailure(attempt, failure)),
    Effect.flatMap((output) => judge(push, output))
  )
}
