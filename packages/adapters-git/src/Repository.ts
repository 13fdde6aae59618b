/** The user's repository, read only: where it is, and what stands in it at a revision. */
import { resolve } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { failureOf, type GitFailed, type Invocation, run } from "./GitProgram.ts"
import { firstWords } from "./internal/storeFailure.ts"

export interface Repository {
  /** The top of the work tree; `undefined` in a bare repository and inside a `.git` directory. */
  readonly topLevel: string | undefined
  /** Where the repository keeps what all its work trees share. */
  readonly commonDirectory: string
}

/** There is no such file at that revision, or no such revision. */
export class RevisionUnreadable extends Data.TaggedError("RevisionUnreadable")<{
  /** `REV:PATH`, as it was given. */
  readonly revision: string
  /** Git's words, in one line. */
  readonly detail: string
}> {
  override get message(): string {
    return `cannot read ${this.revision}: ${this.detail}`
  }
}

const TIMEOUT_MILLIS = 30_000

const inDirectory = (cwd: string, args: ReadonlyArray<string>): Invocation => ({
  args,
  cwd,
  timeoutMillis: TIMEOUT_MILLIS
})

/** The repository that a directory belongs to; `none` when it belongs to none. Any other fault is git's failure. */
export const locate = (directory: string): Effect.Effect<Option.Option<Repository>, GitFailed> => {
  const asked = inDirectory(directory, ["rev-parse", "--is-inside-work-tree", "--git-common-dir", "--show-cdup"])
  return Effect.flatMap(run(asked), ({ exitCode, stderr, stdout }) => {
    if (exitCode !== 0) {
      return /^fatal: not a git repository/m.test(stderr)
        ? Effect.succeedNone
        : Effect.fail(failureOf(asked, "exit", { exitCode, stderr }))
    }
    const [inside, directoryOfAll = "", way = ""] = stdout.toString("utf8").split("\n")
    return Effect.succeedSome({
      commonDirectory: resolve(directory, directoryOfAll),
      topLevel: inside === "true" ? resolve(directory, way) : undefined
    })
  })
}

/** The text of the file at `REV:PATH`, as git understands it from `directory`. */
export const readAt = (directory: string, revision: string): Effect.Effect<string, RevisionUnreadable | GitFailed> => {
  // Without a colon it is a whole commit, with a dash in front an option.
  if (!revision.includes(":") || revision.startsWith("-")) {
    return Effect.fail(new RevisionUnreadable({ detail: "it is not of the form REV:PATH", revision }))
  }
  return Effect.flatMap(run(inDirectory(directory, ["cat-file", "blob", revision])), ({ exitCode, stderr, stdout }) =>
    exitCode === 0
      ? Effect.succeed(stdout.toString("utf8"))
      : Effect.fail(new RevisionUnreadable({ detail: firstWords(stderr), revision }))
  )
}
