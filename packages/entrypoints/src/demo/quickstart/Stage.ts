/** The scratch directory of the quick start: a bare remote, two clones, an upstream, and the real command. */
import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Schema from "effect/Schema"
import { git, makeRepository, makeScratch, nameAuthor } from "../Scratch.ts"
import { generate } from "./Generator.ts"
import { ECOSYSTEMS, POLICY, RECIPES, WORKERS } from "./Plan.ts"

/** The command as it is installed. */
export const COMMAND = fileURLToPath(new URL("../../../bin/batchbrake.cjs", import.meta.url))

const decodeGate = Schema.decodeUnknownSync(
  Schema.Struct({ ecosystems: Schema.Array(Schema.Struct({ decision: Schema.String })) })
)

/** Makes everything but the control branch; answers the directory. */
export const setStage = (): string => {
  const root = makeScratch("quickstart")
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", "registry.git")
  const seed = join(root, "seed")
  mkdirSync(seed)
  makeRepository(seed, "setup")
  const place = { tree: seed, upstream: join(root, "upstream") }
  for (const ecosystem of ECOSYSTEMS) for (const name of RECIPES) generate(place, ecosystem, name, 0)
  writeFileSync(join(seed, "batch-policy.json"), `${JSON.stringify(POLICY, null, 2)}\n`)
  git(seed, "add", ".")
  git(seed, "commit", "--quiet", "-m", "Recipes and the policy")
  git(seed, "push", "--quiet", join(root, "registry.git"), "main")
  for (const name of Object.keys(WORKERS)) {
    git(root, "clone", "--quiet", "registry.git", name)
    nameAuthor(join(root, name), name)
    git(join(root, name), "switch", "--quiet", "--create", `generated/${name}`)
  }
  return root
}

/** Runs the command in a child process and answers what it prints; throws what it says on failure. */
export const runCommand = (cwd: string, args: ReadonlyArray<string>): string => {
  const { error, status, stderr, stdout } = spawnSync(process.execPath, [COMMAND, ...args], { cwd, encoding: "utf8" })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`batchbrake ${args.join(" ")} exited with ${status}: ${stderr.trim()}`)
  return stdout.trim()
}

/** How many ecosystems the gate would let run at a time; asks, and takes nothing. */
export const countRunning = (cwd: string, at: string): number => {
  const gate: unknown = JSON.parse(runCommand(cwd, ["gate", "--json", "--at", at]))
  return decodeGate(gate).ecosystems.filter(({ decision }) => decision === "run").length
}

/** The events on the control branch as the remote holds it, by type. */
export const countEvents = (root: string): ReadonlyMap<string, number> => {
  const key = "%(trailers:key=Batchbrake-Event,valueonly)"
  const listed = git(join(root, "registry.git"), "log", `--format=${key}`, "batch-control")
  const counts = new Map<string, number>()
  for (const type of listed.split("\n").filter((line) => line !== "")) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

/** How many commits the control branch has. */
export const countCommits = (root: string): number =>
  Number(git(join(root, "registry.git"), "rev-list", "--count", "batch-control"))
