/** The branches of the user's repository. */
import * as Effect from "effect/Effect"
import { type GitFailed, type Invocation, succeed } from "../../GitProgram.ts"

const FORMAT = "--format=%(objectname) %(refname:lstrip=2)"

/** Name -> commit, for all branches of the repository that `place` is in. */
export const branchesOf = (place: Invocation): Effect.Effect<ReadonlyMap<string, string>, GitFailed> =>
  Effect.map(succeed({ ...place, args: [...place.args, "for-each-ref", FORMAT, "refs/heads"] }), ({ stdout }) => {
    const lines = stdout.toString("utf8").split("\n")
    return new Map(
      lines.flatMap((line): ReadonlyArray<[string, string]> => {
        const space = line.indexOf(" ")
        return space < 0 ? [] : [[line.slice(space + 1), line.slice(0, space)]]
      })
    )
  })

/** Whether git says that a lock file stood in its way: another's, or one that a killed git left behind. */
export const isLocked = (said: string): boolean => /Unable to create '.*\.lock': File exists/.test(said)
