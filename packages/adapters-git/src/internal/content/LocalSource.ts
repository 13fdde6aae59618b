/** Content on a branch of the repository itself: no remote, no network. */
import { existsSync, readFileSync } from "node:fs"
import { RevisionUnknown } from "@batchbrake/core/port/ContentRepository"
import { StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import { failureOf, type Invocation, run, succeed } from "../../GitProgram.ts"
import { LIST_SETTINGS, parseSettings } from "../configuration.ts"
import { encodePack } from "../encodePack.ts"
import { type ObjectFormat, zeroId } from "../GitObject.ts"
import { inRepository } from "../inRepository.ts"
import type { ContentSource } from "./ContentSource.ts"
import { branchesOf, isLocked } from "./localReferences.ts"

export interface LocalOptions {
  /** A directory of the repository. */
  readonly repository: string
  /** The content branch, without `refs/heads/`; the one that HEAD is on unless it is given. */
  readonly branch?: string | undefined
}

const PLACE = ["rev-parse", "--show-object-format", "--path-format=absolute", "--git-path", "shallow"]

type Ask = (args: ReadonlyArray<string>, stdin?: Uint8Array) => Invocation

const branchOf = Effect.fn("branchOf")(function* (ask: Ask, options: LocalOptions, name: string) {
  if (options.branch !== undefined) return options.branch
  const { exitCode, stdout } = yield* run(ask(["symbolic-ref", "--quiet", "--short", "HEAD"]))
  if (exitCode === 0) return stdout.toString("utf8").trim()
  return yield* new StoreUnavailable({
    detail: "HEAD is on no branch",
    mayHaveLanded: false,
    remedy: "name the content branch in the policy, or check it out",
    store: name
  })
})

const resolve = Effect.fn("resolve")(function* (ask: Ask, revision: string) {
  if (revision === "" || revision.startsWith("-")) return undefined
  const { exitCode, stdout } = yield* run(ask(["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]))
  return exitCode === 0 ? stdout.toString("utf8").trim() : undefined
})

/** Makes the branch, if there is none of its name, and no lock on it after git has waited for that. */
const publish = Effect.fn("publish")(function* (ask: Ask, format: ObjectFormat, branch: string, id: string) {
  const move = ask(["update-ref", "--no-deref", `refs/heads/${branch}`, id, zeroId(format)])
  const { exitCode, stderr } = yield* run(move)
  if (exitCode === 0) return true
  if (isLocked(stderr) || (yield* branchesOf(ask([]))).has(branch)) return false
  return yield* failureOf(move, "exit", { exitCode, stderr })
})

/** Makes the source on the repository. */
export const openLocal = Effect.fn("openLocal")(function* (options: LocalOptions, name: string) {
  const ask: Ask = (args, stdin) => inRepository(options.repository, args, stdin)
  const place = yield* succeed(ask(PLACE))
  const [formatName, shallow = ""] = place.stdout.toString("utf8").split("\n")
  const format: ObjectFormat = formatName === "sha256" ? "sha256" : "sha1"
  const settings = parseSettings((yield* succeed(ask(LIST_SETTINGS))).stdout.toString("utf8"))
  const source: ContentSource = {
    branches: () => Effect.map(branchesOf(ask([])), (there) => ({ elsewhere: new Set(), there })),
    cuts: Effect.sync(() => new Set(existsSync(shallow) ? readFileSync(shallow, "utf8").split("\n") : [])),
    deepen: [],
    fetchBlobs: Effect.succeed,
    fetchCommit: () => Effect.succeed(false),
    format,
    invocation: ask,
    name,
    publish: (branch, id) => publish(ask, format, branch, id),
    resolve: (revision) => resolve(ask, revision),
    settings,
    store: (objects) => Effect.asVoid(succeed(ask(["unpack-objects", "-q"], encodePack(format, objects)))),
    tip: Effect.gen(function* () {
      const branch = yield* branchOf(ask, options, name)
      const id = yield* resolve(ask, `refs/heads/${branch}`)
      return id ?? (yield* new RevisionUnknown({ repository: name, revision: branch }))
    })
  }
  return source
})
