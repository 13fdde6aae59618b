/** The branch that batches land on, where neither policy nor settings name it yet. */
import * as GitProgram from "@batchbrake/adapters-git/GitProgram"
import type { Policy } from "@batchbrake/core/policy/Policy"
import * as Effect from "effect/Effect"
import { DEFAULTS } from "../workflows/Plan.ts"
import type { Given } from "./Given.ts"
import { repositoryOf } from "./place.ts"
import type { World } from "./World.ts"

export interface ContentBranch {
  readonly name: string
  /** Who said so, in words. */
  readonly because: string
}

const GIT_TIMEOUT_MILLIS = 30_000

/** What git answers, trimmed; `undefined` where it says no. */
const asked = (cwd: string, ...args: ReadonlyArray<string>): Effect.Effect<string | undefined> =>
  GitProgram.run({ args, cwd, timeoutMillis: GIT_TIMEOUT_MILLIS }).pipe(
    Effect.map(({ exitCode, stdout }) => (exitCode === 0 ? stdout.toString("utf8").trim() : undefined)),
    Effect.catch(() => Effect.succeed(undefined))
  )
const ask = (cwd: string, ...args: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.map(asked(cwd, ...args), (text) => text ?? "")

/**
 * The remote's own branch, as the clone remembers it, else as the remote says; else the branch that is checked out. A
 * platform takes the first branch that is pushed to a new repository for its own, and that can be the control branch.
 */
export const findContentBranch = Effect.fn("findContentBranch")(function* (given: Given, world: World, policy: Policy) {
  const found = (name: string, because: string): ContentBranch => ({ because, name })
  if (policy.contentBranch !== undefined) return found(policy.contentBranch, "the policy names it")
  const cwd = repositoryOf(given, world)
  const remote = given.text("remote") ?? "origin"
  const fits = (name: string): boolean => name !== "" && name !== policy.controlBranch
  let silence = `${remote} names none`
  if (!given.flag("local")) {
    const remembered = (yield* ask(cwd, "symbolic-ref", "--quiet", "--short", `refs/remotes/${remote}/HEAD`)).slice(
      remote.length + 1
    )
    if (fits(remembered)) return found(remembered, `it is the branch of ${remote}`)
    const said = yield* asked(cwd, "ls-remote", "--quiet", "--symref", remote, "HEAD")
    if (said === undefined) silence = `${remote} could not be asked`
    const named = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(said ?? "")?.[1] ?? ""
    if (fits(named)) return found(named, `it is the branch of ${remote}`)
  }
  const current = yield* ask(cwd, "symbolic-ref", "--quiet", "--short", "HEAD")
  return fits(current)
    ? found(current, `it is checked out here, and ${silence}`)
    : found(DEFAULTS.content_branch, `nothing is checked out here, and ${silence}`)
})
