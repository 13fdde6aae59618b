import { existsSync } from "node:fs"
import { link, rm, writeFile } from "node:fs/promises"
import * as Repository from "@batchbrake/adapters-git/Repository"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import { parseText } from "@batchbrake/core/json/Fault"
import { isObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import { initControl } from "@batchbrake/core/program/initControl"
import { readStatus } from "@batchbrake/core/program/readStatus"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { namedEcosystems } from "../decide.ts"
import { EXIT, InputUnusable } from "../Failure.ts"
import { type Given, refuse } from "../Given.ts"
import { faultsText, readText, reasonOf } from "../input.ts"
import { repositoryOf } from "../place.ts"
import { authorOf, POLICY_FILE, policyPathOf, readPolicy, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Report, Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const unusable = (message: string, path: string): InputUnusable =>
  new InputUnusable({ code: "input-unreadable", message, path })

/** The published control file that is to be taken over, checked before anything is written. */
const importOf = Effect.fn("importOf")(function* (given: Given, world: World) {
  const stated = given.text("import")
  if (stated === undefined) return undefined
  const text = yield* readText(world, "import", stated)
  const decoded = ControlCodec.decode(text)
  if (Result.isFailure(decoded)) {
    const path = decoded.failure[0]?.path
    return yield* unusable(
      `--import ${stated}: ${faultsText(decoded.failure)}; nothing was written`,
      path === undefined || path === "" ? stated : path
    )
  }
  const json = parseText(text)
  return Result.isSuccess(json) && isObject(json.success) ? json.success : undefined
})

/** Writes a file whole or not at all, unless there is one; answers whether it did. */
const writeNew = async (path: string, text: string): Promise<boolean> => {
  const draft = `${path}.${process.pid}.new`
  await writeFile(draft, text, { flag: "wx" })
  try {
    await link(draft, path)
    return true
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false
    throw cause
  } finally {
    await rm(draft, { force: true })
  }
}

/** A place for the policy file: the top of a work tree. */
const workTreeOf = Effect.fn("workTreeOf")(function* (given: Given, world: World) {
  const directory = repositoryOf(given, world)
  const found = yield* Repository.locate(directory).pipe(
    Effect.catch((failure) => refuse(`${directory}: ${failure.message}`))
  )
  if (Option.isNone(found)) {
    return yield* refuse(`${directory} is in no git repository: run \`git init\`, or name one with --repo DIR`)
  }
  if (found.value.topLevel === undefined) {
    return yield* refuse(
      `${directory} has no work tree to write ${POLICY_FILE} to: commit one, and name it with --policy REV:${POLICY_FILE}`
    )
  }
})

/** Writes the starting policy where there is none; answers whether it did. */
const writeStarter = Effect.fn("writeStarter")(function* (path: string, ecosystems: ReadonlyArray<string>) {
  if (ecosystems.length === 0) return yield* refuse("name at least one ecosystem: --ecosystem E")
  const starter = Policy.starter(ecosystems)
  return yield* Effect.tryPromise({
    catch: (cause) => unusable(`${path} cannot be written: ${reasonOf(cause)}`, path),
    try: () => writeNew(path, `${JSON.stringify(starter, null, 2)}\n`)
  })
})

/** Writes the policy file where there is none; one that is there stays as it is, and must know the ecosystems. */
const policyFor = Effect.fn("policyFor")(function* (given: Given, world: World, ecosystems: ReadonlyArray<string>) {
  const path = policyPathOf(given, world)
  let written = false
  if (given.text("policy") === undefined && !existsSync(path)) {
    yield* workTreeOf(given, world)
    written = yield* writeStarter(path, ecosystems)
  }
  const policy = yield* readPolicy(given, world)
  const missing = ecosystems.filter((name) => Policy.ecosystemOf(policy, name) === undefined)
  return missing.length > 0
    ? yield* new InputUnusable({
        code: "refused",
        message: `${given.text("policy") ?? POLICY_FILE} exists and does not know ${missing.join(", ")}: it is not written over; add ${missing.length === 1 ? "it" : "them"} under "ecosystems" by hand`,
        path: `ecosystems.${missing[0] ?? ""}`
      })
    : { path: given.text("policy") ?? path, policy, written }
})

const run = Effect.fn("init")(function* (given: Given, world: World) {
  const ecosystems = yield* namedEcosystems(given)
  if (given.text("owner") !== undefined && !given.flag("github")) {
    return yield* refuse("--owner goes with --github: it is for CODEOWNERS")
  }
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
  const begun: Report = {
    exitCode: EXIT.done,
    json: { control_branch: policy.controlBranch, created, policy: path, policy_written: written },
    text: [
      `${written ? "wrote" : "kept"} ${path}`,
      `${created ? "created" : "joined"} the control branch ${policy.controlBranch}`,
      ...(written && !given.flag("github")
        ? ["next: commit the policy to the content branch, then ask `batchbrake gate`"]
        : [])
    ]
  }
  if (!given.flag("github")) return begun
  const { withGitHub } = yield* Effect.promise(() => import("../withGitHub.ts"))
  return yield* withGitHub(given, world, begun)
})

export const init: Verb = {
  description: "Write a policy file and create the control branch. Safe to repeat; writes over nothing.",
  examples: [
    "batchbrake init --ecosystem homebrew --ecosystem npm",
    "batchbrake init --ecosystem npm --local",
    "batchbrake init --ecosystem npm --import batch-control.json",
    "batchbrake init --ecosystem npm --github --owner @octo/brakes"
  ],
  options: {
    ecosystem: { help: "an ecosystem; may be repeated", multiple: true, type: "string", value: "E" },
    github: { help: "write workflows, Action and CODEOWNERS too, and say what to click", type: "boolean" },
    owner: {
      help: "who owns policy and brakes, for CODEOWNERS; may be repeated",
      multiple: true,
      type: "string",
      value: "@O"
    },
    import: { help: "begin with this published control file", type: "string", value: "FILE" }
  },
  run,
  takesNames: false,
  usage: "--ecosystem E… [--import FILE] [--github [--owner @O]…]"
}
