/** Where a command works: the repository, the policy, the store, who asks and when. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import * as GitProgram from "@batchbrake/adapters-git/GitProgram"
import * as Repository from "@batchbrake/adapters-git/Repository"
import * as Policy from "@batchbrake/core/policy/Policy"
import { adoptedPolicy } from "@batchbrake/core/program/readStatus"
import { format, MINUTE, SECOND } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { InputUnusable } from "./Failure.ts"
import { type Given, instant } from "./Given.ts"
import { faultsText, reasonOf } from "./input.ts"
import { repositoryOf } from "./place.ts"
import { storeOf } from "./store.ts"
import type { World } from "./World.ts"

export const POLICY_FILE = "batch-policy.json"
const GIT_TIMEOUT_MILLIS = 30_000
/** A stated time may lie this far ahead: clocks differ. */
export const AHEAD_MILLIS = 5 * MINUTE

const unreadable = (path: string, message: string): InputUnusable =>
  new InputUnusable({ code: "policy-unreadable", message, path })

/**
 * The top of the work tree that a directory is in: where `.git` stands. Looked for without git, since starting a
 * process to learn what one look at the file system tells costs every job some milliseconds.
 */
export const topOf = (directory: string): string => {
  let top = directory
  while (!existsSync(join(top, ".git"))) {
    const parent = dirname(top)
    if (parent === top) return directory
    top = parent
  }
  return top
}

/** Where the policy of a work tree stands. */
export const policyPathOf = (given: Given, world: World): string => join(topOf(repositoryOf(given, world)), POLICY_FILE)

/** The text of a policy that the command line names: a file, or a path at a revision, which is nobody's work tree. */
const statedPolicy = Effect.fn("statedPolicy")(function* (given: Given, world: World, stated: string, label: string) {
  const file = yield* Effect.result(
    Effect.try({ catch: (cause) => cause, try: () => readFileSync(resolve(world.directory, stated), "utf8") })
  )
  if (Result.isSuccess(file)) return file.success
  if (!stated.includes(":")) return yield* unreadable(stated, `${label}: ${reasonOf(file.failure)}`)
  return yield* Repository.readAt(repositoryOf(given, world), stated).pipe(
    Effect.catch((failure) =>
      Effect.fail(
        unreadable(stated, `${label}: ${failure._tag === "RevisionUnreadable" ? failure.detail : failure.message}`)
      )
    )
  )
})

/** The text of the policy, and the name to speak of it by; `named` is a file, or a path at a revision, without an option. */
export const policyText = Effect.fn("policyText")(function* (given: Given, world: World, named?: string) {
  const stated = named ?? given.text("policy")
  if (stated !== undefined) {
    const label = named === undefined ? `--policy ${stated}` : stated
    return { name: stated, text: yield* statedPolicy(given, world, stated, label) }
  }
  const name = policyPathOf(given, world)
  const text = yield* Effect.try({
    catch: (cause) =>
      unreadable(
        name,
        `${name}: ${reasonOf(cause)}; \`batchbrake init --ecosystem E\` writes one, and --policy FILE or --policy REV:PATH names another`
      ),
    try: () => readFileSync(name, "utf8")
  })
  return { name, text }
})

const parsePolicy = Effect.fn("parsePolicy")(function* (name: string, text: string) {
  const policy = Policy.parse(text)
  if (Result.isFailure(policy)) {
    const path = policy.failure[0]?.path ?? ""
    return yield* unreadable(path === "" ? name : path, `${name} cannot be used: ${faultsText(policy.failure)}`)
  }
  return policy.success
})

/** The policy, with every default filled in. */
export const readPolicy = Effect.fn("readPolicy")(function* (given: Given, world: World) {
  const { name, text } = yield* policyText(given, world)
  return yield* parsePolicy(name, text)
})

/** A policy that another option than `--policy` names: a file, or REV:PATH. */
export const readPolicyAt = Effect.fn("readPolicyAt")(function* (
  given: Given,
  world: World,
  option: string,
  stated: string
) {
  return yield* parsePolicy(stated, yield* statedPolicy(given, world, stated, `--${option} ${stated}`))
})

/** The instant that a command is about, in whole seconds: now, or what `--at` says. */
export const timeOf = Effect.fn("timeOf")(function* (given: Given, world: World) {
  const now = Math.floor(world.nowMillis() / SECOND) * SECOND
  const stated = yield* instant(given, "at")
  if (stated !== undefined && !given.flag("local") && stated > now + AHEAD_MILLIS) {
    return yield* new InputUnusable({
      code: "time-refused",
      message: `--at: found ${format(stated)}, expected at most 5 minutes after now (${format(now)}): a remote is shared, and its time does not go back`,
      path: "--at"
    })
  }
  return stated ?? now
})

/** Who gives an order: the forge's actor, the name that git commits under, or the machine's user. */
export const authorOf = Effect.fn("authorOf")(function* (given: Given, world: World) {
  const stated = world.environment.GITHUB_ACTOR || world.environment.GIT_AUTHOR_NAME
  if (stated !== undefined && stated !== "") return stated
  const name = yield* GitProgram.run({
    args: ["config", "user.name"],
    cwd: repositoryOf(given, world),
    timeoutMillis: GIT_TIMEOUT_MILLIS
  }).pipe(
    Effect.map(({ stdout }) => stdout.toString("utf8").trim()),
    Effect.catch(() => Effect.succeed(""))
  )
  return name === "" ? world.userName() : name
})

/** Policy, store, time, author and nonce: what an order needs. */
export const settingOf = Effect.fn("settingOf")(function* (given: Given, world: World) {
  const at = yield* timeOf(given, world)
  const policy = yield* readPolicy(given, world)
  const author = yield* authorOf(given, world)
  return { at, author, nonce: world.random(), policy, store: storeOf(given, world, policy.controlBranch) }
})

/**
 * The same for a stop, which must not fail for want of a policy file: the policy that the newest event was reduced
 * under, from the control branch, serves as well.
 */
export const settingOfStop = Effect.fn("settingOfStop")(function* (given: Given, world: World) {
  return yield* settingOf(given, world).pipe(
    Effect.catchTag("InputUnusable", (failure) =>
      failure.code !== "policy-unreadable" || given.text("policy") !== undefined
        ? Effect.fail(failure)
        : Effect.gen(function* () {
            const store = storeOf(given, world, "batch-control")
            const policy = yield* adoptedPolicy().pipe(Effect.provide(store))
            if (Option.isNone(policy)) return yield* failure
            const at = yield* timeOf(given, world)
            return { at, author: yield* authorOf(given, world), nonce: world.random(), policy: policy.value, store }
          })
    )
  )
})
