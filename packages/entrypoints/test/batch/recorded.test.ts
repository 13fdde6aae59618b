import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { command } from "@batchbrake/entrypoints/cli/command"
import type { World } from "@batchbrake/entrypoints/cli/World"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const RECORDED = fileURLToPath(new URL("../../../../../shared/data/batch-commits.jsonl", import.meta.url))
const isThere = existsSync(RECORDED)
const MATCH = "^feat\\(recipes\\): add batch (?:(?<alias>\\d{4}-\\S+) )?"
/** In seconds, how long after its batch a recipe is changed by hand: every second one is. */
const DAY = 86_400
const AT_ONCE = 4
/** Eighty plans, on whatever machine this is. */
const SLOW_MILLIS = 120_000

interface Recorded {
  readonly at: number
  readonly subject: string
  readonly files: ReadonlyArray<string>
  readonly others: ReadonlyArray<string>
}

const read = (): ReadonlyArray<Recorded> =>
  readFileSync(RECORDED, "utf8")
    .trim()
    .split("\n")
    .map((line): Json => JSON.parse(line))
    .filter(({ merged_on_main }) => typeof merged_on_main === "string")
    .map(({ files_added, merged_at, merged_subject, other_files }) => ({
      at: Date.parse(String(merged_at)) / 1000,
      files: Object(files_added ?? []),
      others: Object(other_files ?? []),
      subject: String(merged_subject)
    }))
    .sort((left, right) => left.at - right.at)

const fileCommand = (path: string, text: string): string =>
  `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`
const commitCommand = (at: number, subject: string, files: ReadonlyArray<string>): string =>
  `commit refs/heads/main\ncommitter Bot <bot@example.com> ${at} +0000\ndata ${Buffer.byteLength(subject)}\n${subject}\n${files.join("")}\n`

/** The recorded merges as a history; every second recipe is changed by hand a day later. */
const streamOf = (batches: ReadonlyArray<Recorded>): string => {
  const merges = batches.map(({ at, files, others, subject }) => ({
    at,
    text: commitCommand(
      at,
      subject,
      [...files, ...others].map((path) => fileCommand(path, `${path} at ${at}`))
    )
  }))
  const edits = batches
    .flatMap(({ at, files }) => files.map((path) => ({ at, path })))
    .filter((_, index) => index % 2 === 0)
    .map(({ at, path }) => ({
      at: at + DAY,
      text: commitCommand(at + DAY, `fix: ${path}`, [fileCommand(path, `${path} by hand`)])
    }))
  const all = [...merges, ...edits].sort((left, right) => left.at - right.at).map(({ text }) => text)
  return all.join("")
}

describe("The recorded history of a real registry", () => {
  let workshop: Workshop
  const batches = isThere ? read() : []
  const world = (): World => ({
    announce: () => () => undefined,
    say: () => undefined,
    confirm: undefined,
    directory: workshop.clone,
    environment: workshop.environment,
    nowMillis: () => Date.now(),
    paper: { colours: false, columns: 110 },
    random: () => "0123456789abcdef01234567",
    readInput: () => Promise.resolve(new Uint8Array()),
    tell: () => undefined,
    userName: () => "Operator"
  })
  const run = async (...args: ReadonlyArray<string>): Promise<Json> => {
    const ended = await Effect.runPromise(command([...args, "--local", "--json"], () => "", world()))
    assert.equal(ended.exitCode, 0, ended.stderr)
    return JSON.parse(ended.stdout)
  }
  beforeAll(async () => {
    if (!isThere) return
    workshop = await openWorkshop(["homebrew"])
    await workshop.expecting(0, ["init", "--local"])
    const { clone, environment, git } = workshop
    const policy = readFileSync(`${clone}/batch-policy.json`)
    git(clone, "switch", "-q", "--detach")
    git(clone, "branch", "-D", "main")
    execFileSync("git", ["fast-import", "--quiet"], { cwd: clone, env: environment, input: streamOf(batches) })
    git(clone, "symbolic-ref", "HEAD", "refs/heads/main")
    workshop.write("batch-policy.json", policy)
  })
  afterAll(() => workshop?.dispose())

  it.skipIf(!isThere)(
    "adopts as it is, each of its batches can be planned, and what was changed since stays",
    async () => {
      const adopted = await run("batch", "adopt", "--match", MATCH, "--ecosystem", "homebrew")
      assert.equal(Object(adopted.fresh).length, batches.length)
      assert.deepEqual(adopted.skipped, [])
      const paths = batches.flatMap(({ files }) => files)
      const actions = new Map<string, number>()
      const ids: ReadonlyArray<string> = Object(adopted.fresh)
      for (let index = 0; index < ids.length; index += AT_ONCE) {
        const plans = await Promise.all(ids.slice(index, index + AT_ONCE).map((id) => run("rollback", id, "--dry-run")))
        for (const { id, outcome, plan } of plans) {
          assert.ok(["planned", "all-changed-since"].includes(String(outcome)), `${id} ${outcome}`)
          for (const { action } of Object(plan)) actions.set(action, (actions.get(action) ?? 0) + 1)
        }
      }
      assert.deepEqual(
        new Map([...actions].sort()),
        new Map([
          ["changed-since", Math.ceil(paths.length / 2)],
          ["delete", Math.floor(paths.length / 2)]
        ])
      )
    },
    SLOW_MILLIS
  )

  it.runIf(!isThere)("is not at hand here, and so was not rebuilt", (context) => {
    context.skip(`${RECORDED} is not there`)
  })
})
