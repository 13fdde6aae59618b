/** Brings the control branch into the private repository. */
import * as Effect from "effect/Effect"
import { type GitFailed, run, succeed } from "../GitProgram.ts"
import { REMOTE } from "./configuration.ts"
import type { PrivateRepository } from "./PrivateRepository.ts"

/** The private repository's own name for what was fetched last. */
export const FETCHED = "refs/batchbrake/fetched"

export const QUIET = [
  "--quiet",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
  "--no-show-forced-updates",
  "--update-shallow"
]

/** Fetches the branch alone, `depth` commits deep, to `FETCHED`. */
export const fetchBranch = (
  repository: PrivateRepository,
  branch: string,
  depth: number
): Effect.Effect<void, GitFailed> =>
  Effect.asVoid(
    succeed(repository.invocation(["fetch", ...QUIET, `--depth=${depth}`, REMOTE, `+refs/heads/${branch}:${FETCHED}`]))
  )

/** Whether git says that the remote answered and has no such branch. */
export const isBranchMissing = (failure: GitFailed, branch: string): boolean =>
  failure.reason === "exit" &&
  failure.stderr.split("\n").includes(`fatal: couldn't find remote ref refs/heads/${branch}`)

/** Where the branch is on the remote now; `undefined` when it is nowhere. */
export const remoteTip = (
  repository: PrivateRepository,
  branch: string
): Effect.Effect<string | undefined, GitFailed> =>
  Effect.map(
    run(repository.invocation(["ls-remote", "--quiet", REMOTE, `refs/heads/${branch}`])),
    ({ stdout }) => /^([0-9a-f]+)\t/.exec(stdout.toString("utf8"))?.[1]
  )
