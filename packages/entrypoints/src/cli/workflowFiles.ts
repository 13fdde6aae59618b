/** The files of the forge in a work tree: what should be there, and what is. */
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseText } from "@batchbrake/core/json/Fault"
import type { Policy } from "@batchbrake/core/policy/Policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { BUNDLE } from "../action/renderAction.ts"
import { generatedFiles, isOurs, SETTINGS_FILE } from "../workflows/generateFiles.ts"
import { decodeSettings, type Plan, planOf, type Settings, startingSettings } from "../workflows/Plan.ts"
import { findContentBranch } from "./contentBranch.ts"
import { InputUnusable } from "./Failure.ts"
import { type Given, refuse } from "./Given.ts"
import { faultsText, reasonOf } from "./input.ts"
import type { Option } from "./Option.ts"
import { policyPathOf, readPolicy } from "./Setting.ts"
import type { World } from "./World.ts"

export const directoryOption: Option = {
  help: "the directory of the forge's files (default: .github)",
  type: "string",
  value: "DIR"
}

/** The directory, below the top of the work tree. */
export const directoryOf = (given: Given, world: World): string =>
  resolve(dirname(policyPathOf(given, world)), given.text("dir") ?? ".github")

const unusable = (message: string, path: string): InputUnusable =>
  new InputUnusable({ code: "input-unreadable", message, path })

/** The bundled Action: this very file, where that is what runs; else what the build made. */
const findBundle = Effect.fn("findBundle")(function* () {
  const own = import.meta.url
  const built = [new URL(`../action/${BUNDLE}`, own), new URL(`../../dist/action/${BUNDLE}`, own)].map((url) =>
    fileURLToPath(url)
  )
  const candidates = basename(fileURLToPath(own)) === BUNDLE ? [fileURLToPath(own)] : built
  const found = candidates.find((path) => existsSync(path))
  return found ?? (yield* refuse("the Action is not built: run `npm run build`, which makes it"))
})

const readIfThere = (path: string): Effect.Effect<string | undefined, InputUnusable> =>
  Effect.tryPromise({
    catch: (cause) => unusable(`${path}: ${reasonOf(cause)}`, path),
    try: () => (existsSync(path) ? readFile(path, "utf8") : Promise.resolve(undefined))
  })

/** The settings of the repository's workflows; the defaults where none are stated. */
const settingsIn = Effect.fn("settingsIn")(function* (
  given: Given,
  world: World,
  { directory, policy }: { readonly directory: string; readonly policy: Policy }
) {
  const path = join(directory, SETTINGS_FILE)
  const text = yield* readIfThere(path)
  if (text === undefined) {
    const branch = yield* findContentBranch(given, world, policy)
    return { because: branch.because, settings: startingSettings(policy, branch.name) }
  }
  const settings = Result.flatMap(parseText(text), decodeSettings)
  return Result.isSuccess(settings)
    ? { because: `${SETTINGS_FILE} names it`, settings: settings.success }
    : yield* unusable(`${path}: ${faultsText(settings.failure)}`, settings.failure[0]?.path || path)
})

const planIn = Effect.fn("planIn")(function* (given: Given, world: World, directory: string) {
  const policy = yield* readPolicy(given, world)
  const { because, settings } = yield* settingsIn(given, world, { directory, policy })
  const plan = planOf(settings, policy)
  return Result.isSuccess(plan)
    ? { because, plan: plan.success, settings }
    : yield* unusable(`${join(directory, SETTINGS_FILE)}: ${faultsText(plan.failure)}`, plan.failure[0]?.path ?? "")
})

export interface Expected {
  readonly directory: string
  readonly files: ReadonlyMap<string, string>
  /** Why batches land on the branch that the plan names. */
  readonly because: string
  readonly plan: Plan
  readonly settings: Settings
}

/** What should be there. */
export const expectedFiles = Effect.fn("expectedFiles")(function* (given: Given, world: World) {
  const directory = directoryOf(given, world)
  const { because, plan, settings } = yield* planIn(given, world, directory)
  const bundle = yield* findBundle()
  const text = yield* Effect.tryPromise({
    catch: (cause) => unusable(`${bundle}: ${reasonOf(cause)}`, bundle),
    try: () => readFile(bundle, "utf8")
  })
  const expected: Expected = { because, directory, files: generatedFiles(plan, text), plan, settings }
  return expected
})

/** What is there of it, and whatever else looks like a workflow of ours. */
export const foundFiles = Effect.fn("foundFiles")(function* ({ directory, files }: Expected) {
  const listed = yield* Effect.tryPromise({
    catch: (cause) => unusable(`${directory}: ${reasonOf(cause)}`, directory),
    try: () => readdir(join(directory, "workflows")).catch((): ReadonlyArray<string> => [])
  })
  const paths = new Set([...files.keys(), ...listed.map((name) => `workflows/${name}`).filter(isOurs)])
  const found = new Map<string, string>()
  for (const path of paths) {
    const text = yield* readIfThere(join(directory, path))
    if (text !== undefined) found.set(path, text)
  }
  return found
})

/** Writes a file whole or not at all. */
export const writeWhole = (path: string, text: string): Effect.Effect<void, InputUnusable> =>
  Effect.tryPromise({
    catch: (cause) => unusable(`${path} cannot be written: ${reasonOf(cause)}`, path),
    try: async () => {
      await mkdir(dirname(path), { recursive: true })
      const draft = `${path}.${process.pid}.new`
      await writeFile(draft, text, { flag: "wx" })
      await rename(draft, path)
    }
  })
