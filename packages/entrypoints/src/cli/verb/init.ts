import { readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import { parseText, printAll } from "@batchbrake/core/json/Fault"
import { isObject, type JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import { initControl } from "@batchbrake/core/program/initControl"
import { readStatus } from "@batchbrake/core/program/readStatus"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { namedEcosystems } from "../decide.ts"
import { EXIT, InputUnusable } from "../Failure.ts"
import { type Given, refuse } from "../Given.ts"
import { authorOf, POLICY_FILE, readPolicy, repositoryOf, storeOf, timeOf, topOf } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const unusable = (message: string, path: string): InputUnusable =>
  new InputUnusable({ code: "input-unreadable", message, path })

/** The published control file that is to be taken over, checked before anything is written. */
const importOf = Effect.fn("importOf")(function* (given: Given, world: World) {
  const stated = given.text("import")
  if (stated === undefined) return undefined
  const text = yield* Effect.tryPromise({
    catch: () => unusable(`--import: ${stated} cannot be read`, stated),
    try: () => readFile(resolve(world.directory, stated), "utf8")
  })
  const decoded = ControlCodec.decode(text)
  if (Result.isFailure(decoded)) {
    return yield* unusable(
      `--import ${stated}: ${printAll(decoded.failure)}; nothing was written`,
      decoded.failure[0]?.path ?? stated
    )
  }
  const json = parseText(text)
  return Result.isSuccess(json) && isObject(json.success) ? json.success : undefined
})

const serialise = (policy: JsonObject): string => `${JSON.stringify(policy, null, 2)}\n`

/** Writes the policy file where there is none; one that is there stays as it is, and must know the ecosystems. */
const policyFor = Effect.fn("policyFor")(function* (given: Given, world: World, ecosystems: ReadonlyArray<string>) {
  const path = join(topOf(repositoryOf(given, world)), POLICY_FILE)
  const existing = yield* Effect.option(Effect.tryPromise(() => readFile(path, "utf8")))
  if (existing._tag === "None" && given.text("policy") === undefined) {
    if (ecosystems.length === 0) return yield* refuse("name at least one ecosystem: --ecosystem E")
    const starter = Policy.fromJson(Policy.starter(ecosystems))
    if (Result.isFailure(starter)) return yield* refuse(printAll(starter.failure))
    // "wx": two that begin at once do not write over each other.
    yield* Effect.tryPromise({
      catch: (cause) =>
        unusable(`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, path),
      try: () => writeFile(path, serialise(Policy.starter(ecosystems)), { flag: "wx" })
    })
    return { path, policy: starter.success, written: true }
  }
  const policy = yield* readPolicy(given, world)
  const missing = ecosystems.filter((name) => Policy.ecosystemOf(policy, name) === undefined)
  return missing.length > 0
    ? yield* new InputUnusable({
        code: "refused",
        message: `${POLICY_FILE} exists and does not know ${missing.join(", ")}: it is not written over; add ${missing.length === 1 ? "it" : "them"} under "ecosystems" by hand`,
        path: `ecosystems.${missing[0] ?? ""}`
      })
    : { path, policy, written: false }
})

const run = Effect.fn("init")(function* (given: Given, world: World) {
  const ecosystems = yield* namedEcosystems(given)
  const published = yield* importOf(given, world)
  const at = yield* timeOf(given, world)
  const { path, policy, written } = yield* policyFor(given, world, ecosystems)
  const store = storeOf(given, world, policy.controlBranch)
  const author = yield* authorOf(given, world)
  const { created } = yield* initControl({ at, author, nonce: world.random(), policy, published }).pipe(
    Effect.provide(store)
  )
  if (!created && published !== undefined) {
    const { file } = yield* readStatus(policy, at, []).pipe(Effect.provide(store))
    const wanted = ControlCodec.fromJson(published)
    const same = Result.isSuccess(wanted) && ControlCodec.encode(wanted.success) === ControlCodec.encode(file)
    if (!same) {
      return yield* new InputUnusable({
        code: "refused",
        message: `there is a control file on ${policy.controlBranch} already, and it is not written over by --import`
      })
    }
  }
  return {
    exitCode: EXIT.done,
    json: { control_branch: policy.controlBranch, created, policy: path, policy_written: written },
    text: [
      `${written ? "wrote" : "kept"} ${path}`,
      `${created ? "created" : "joined"} the control branch ${policy.controlBranch}`,
      ...(written ? ["next: commit the policy to the content branch, then ask `batchbrake gate`"] : [])
    ].join("\n")
  }
})

export const init: Verb = {
  description: "Write a policy file and create the control branch. Safe to repeat; writes over nothing.",
  examples: [
    "batchbrake init --ecosystem homebrew --ecosystem npm",
    "batchbrake init --ecosystem npm --local",
    "batchbrake init --ecosystem npm --import batch-control.json"
  ],
  options: {
    ecosystem: { help: "an ecosystem; may be repeated", multiple: true, type: "string", value: "E" },
    import: { help: "begin with this published control file", type: "string", value: "FILE" }
  },
  run,
  takesNames: false,
  usage: "--ecosystem E… [--import FILE]"
}
