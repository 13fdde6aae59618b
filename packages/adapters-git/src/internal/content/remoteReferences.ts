/** Asks the remote for its references, without fetching anything. */
import * as Effect from "effect/Effect"
import { type GitFailed, succeed } from "../../GitProgram.ts"
import { REMOTE } from "../configuration.ts"
import type { PrivateRepository } from "../PrivateRepository.ts"

export interface Listed {
  /** The reference that the remote's HEAD names. */
  readonly head: string | undefined
  /** Reference -> object ID. */
  readonly references: ReadonlyMap<string, string>
}

const HEAD_LINE = /^ref: (\S+)\tHEAD$/m
const LINE = /^([0-9a-f]+)\t(\S+)$/gm

/** The references of which some last parts match one of the patterns, `*` for anything. */
export const askRemote = (
  repository: PrivateRepository,
  patterns: ReadonlyArray<string>
): Effect.Effect<Listed, GitFailed> => {
  const asked = repository.invocation(["ls-remote", "--quiet", "--symref", REMOTE, ...patterns])
  return Effect.map(succeed(asked), ({ stdout }) => {
    const text = stdout.toString("utf8")
    const lines = [...text.matchAll(LINE)].map(([, id = "", ref = ""]) => [ref, id] as const)
    return { head: HEAD_LINE.exec(text)?.[1], references: new Map(lines) }
  })
}
