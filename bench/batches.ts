/**
 * A rollback of a hundred paths, planned and done, beside what a script does with git, as the history grows; and the
 * adoption of a thousand batches. All of it with the built command, as whole processes.
 */
import { spawnSync } from "node:child_process"
import { type Figure, interleaved, median, type Outcome } from "./Figure.ts"
import { bundle, COMMAND, git, inScratch, timeOf } from "./Ground.ts"
import { type History, type Name, pathsOf, plantHistory } from "./Histories.ts"
import { type Peak, peakOf } from "./Peak.ts"

const SIZES = [2_000, 20_000]
const FULL_SIZES = [...SIZES, 200_000]
const ROUNDS = 5
const MEMORY_ROUNDS = 3
const AIM = 1.5
const ADOPTED = 1_000
const CONTROL = "batch-control"

interface Told {
  readonly millis: number
  readonly answer: Readonly<Record<string, unknown>>
}

/** Runs the command to its end and answers what it printed. */
const tell = (clone: string, ...args: ReadonlyArray<string>): Told => {
  const started = performance.now()
  const { status, stderr, stdout } = spawnSync(process.execPath, [COMMAND, ...args, "--json"], {
    cwd: clone,
    encoding: "utf8",
    maxBuffer: 1 << 28
  })
  const millis = performance.now() - started
  if (status !== 0) throw new Error(`batchbrake ${args.join(" ")} exited with ${status}: ${stderr}${stdout}`)
  return { answer: JSON.parse(stdout), millis }
}

/** Opens, seals and confirms a batch that has landed; answers its ID. */
const putOnRecord = ({ clone }: History, name: Name): string => {
  const landed = git(clone, "log", "--format=%H", `--grep=^Batch-Id: ${name}-npm$`, "origin/main")
  const id = String(tell(clone, "batch", "open", "--ecosystem", "npm").answer.id)
  tell(clone, "batch", "seal", id, "--base", `${landed}^`, "--head", `origin/work-${name}`)
  tell(clone, "batch", "merged", id, "--commit", landed)
  return id
}

interface Ground extends History {
  readonly calm: string
  readonly touched: string
  /** The control branch before any rollback. */
  readonly recorded: string
}

const prepare = (history: History): Ground => {
  tell(history.clone, "init")
  const [calm, touched] = [putOnRecord(history, "calm"), putOnRecord(history, "touched")]
  return { ...history, calm, recorded: git(history.bare, "rev-parse", CONTROL), touched }
}

const planned = ({ clone }: Ground, id: string): number => {
  const { answer, millis } = tell(clone, "rollback", id, "--dry-run")
  if (answer.outcome !== "planned") throw new Error(`the plan of ${id} came to ${answer.outcome}`)
  return millis
}

/** Rolls back for good, then takes the branch and the record of it away for the next round. */
const applied = ({ bare, calm, clone, recorded }: Ground): number => {
  const { answer, millis } = tell(clone, "rollback", calm, "--yes", "--reason", "measured")
  if (answer.outcome !== "rolled-back" || answer.verified !== true) throw new Error(`it came to ${answer.outcome}`)
  git(bare, "update-ref", "-d", `refs/heads/${answer.branch}`)
  git(bare, "update-ref", `refs/heads/${CONTROL}`, recorded)
  return millis
}

const FIND = ["log", "--all", "--format=%H", "--grep=^Batch-Id: calm-npm$"]

const found = ({ clone }: Ground): number => timeOf("git", FIND, clone)

/** What a script does: find the batch, take its files away in the work tree, commit, push. */
const scripted = ({ bare, clone }: Ground): number => {
  const millis =
    timeOf("git", FIND, clone) +
    timeOf("git", ["rm", "--quiet", "--", ...pathsOf("calm")], clone) +
    timeOf("git", ["commit", "--quiet", "-m", "Roll back calm"], clone) +
    timeOf("git", ["push", "--quiet", "origin", "HEAD:refs/heads/scripted"], clone)
  git(clone, "reset", "--quiet", "--hard", "origin/main")
  git(bare, "update-ref", "-d", "refs/heads/scripted")
  git(clone, "update-ref", "-d", "refs/remotes/origin/scripted")
  return millis
}

const CASES = {
  plan: (ground: Ground) => planned(ground, ground.calm),
  "plan, 3 paths changed since": (ground: Ground) => planned(ground, ground.touched),
  "plan and apply": applied,
  "scripted: find, rm, commit, push": scripted,
  "scripted: find alone": found
} as const
type Case = keyof typeof CASES
const NAMES = Object.keys(CASES) as ReadonlyArray<Case>

const NOTES: Readonly<Record<Case, string>> = {
  plan: "rollback --dry-run of 100 paths; asks the remote, writes nothing",
  "plan and apply": "rollback --yes: one commit on a branch of the remote, read back, and a control commit",
  "plan, 3 paths changed since": "the same, and which commits changed them: goes back to the newest change of each",
  "scripted: find alone": "git log --all --grep of the batch's trailer",
  "scripted: find, rm, commit, push": "takes modified files away as well; nothing is read back or recorded"
}

const keyOf = (name: Case, { commits }: History): string => `${name}, ${commits.toLocaleString("en")} commits`

const figure = (what: string, value: number, unit: string, note: string): Figure => ({
  bench: "batches",
  note,
  unit,
  value,
  what
})

const measureTimes = async (grounds: ReadonlyArray<Ground>) => {
  const cases = Object.fromEntries(
    NAMES.flatMap((name) => grounds.map((ground) => [keyOf(name, ground), () => CASES[name](ground)] as const))
  )
  await interleaved(1, cases)
  const taken = await interleaved(ROUNDS, cases)
  const of = (name: Case, ground: Ground): number => median(taken[keyOf(name, ground)] ?? [])
  const [smallest, largest] = [grounds.at(0), grounds.at(-1)]
  const ratio = (name: Case): number =>
    smallest === undefined || largest === undefined ? Number.NaN : of(name, largest) / of(name, smallest)
  const figures = NAMES.flatMap((name) => [
    ...grounds.map((ground) => figure(keyOf(name, ground), of(name, ground), "ms", NOTES[name])),
    figure(`${name}, largest by smallest`, ratio(name), "x", "how it grows with the history")
  ])
  return { figures, ratio }
}

const measureMemory = async (ground: Ground): Promise<ReadonlyArray<Figure>> => {
  const peaks: Array<readonly [Peak, Peak]> = []
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    const ours = await peakOf(process.execPath, [COMMAND, "rollback", ground.calm, "--dry-run"], ground.clone)
    peaks.push([ours, await peakOf("git", FIND, ground.clone)])
  }
  const note = `peak resident set at ${ground.commits.toLocaleString("en")} commits; 0 where there is no /proc`
  return [
    figure("memory of plan, our process", median(peaks.map(([{ own }]) => own)), "MiB", note),
    figure("memory of plan, its largest git", median(peaks.map(([{ started }]) => started)), "MiB", note),
    figure("memory of scripted find", median(peaks.map(([, { own }]) => own)), "MiB", note)
  ]
}

const controlCommits = ({ bare }: Ground): number => Number(git(bare, "rev-list", "--count", CONTROL))

const measureAdoption = (ground: Ground) => {
  const before = controlCommits(ground)
  const { answer, millis } = tell(ground.clone, "batch", "adopt", "--trailer", "Imported-From")
  const fresh = Object(answer.fresh).length
  const made = controlCommits(ground) - before
  const size = `of ${ground.commits.toLocaleString("en")} commits`
  const beside = median(Array.from({ length: ROUNDS }, () => planned(ground, ground.calm)))
  return {
    figures: [
      figure(`adoption of ${fresh} batches`, millis, "ms", `by trailer, out ${size}, in one pass`),
      figure("control commits of it", made, "commits", "all manifests, ledger lines, aliases and the event"),
      figure(`plan beside ${fresh} others`, beside, "ms", `the same plan ${size}, with their manifests on record`)
    ],
    met: fresh === ADOPTED && made === 1
  }
}

/** With `isFull` at the heaviest size too, which takes minutes to make. */
export const benchBatches = (isFull: boolean): Promise<Outcome> =>
  inScratch(async (root) => {
    bundle()
    const sizes = isFull ? FULL_SIZES : SIZES
    const grounds = sizes.map((commits) => prepare(plantHistory(root, { commits, imported: ADOPTED })))
    const times = await measureTimes(grounds)
    const largest = grounds.at(-1)
    const memory = largest === undefined ? [] : await measureMemory(largest)
    const adoption = largest === undefined ? undefined : measureAdoption(largest)
    const claim = (text: string, met: boolean) => ({ bench: "batches", met, text })
    const flat = (name: "plan" | "plan, 3 paths changed since" | "plan and apply") =>
      claim(`${name}: at most ${AIM} times as long with the longest history`, times.ratio(name) <= AIM)
    return {
      claims: [
        flat("plan"),
        flat("plan, 3 paths changed since"),
        flat("plan and apply"),
        claim(`${ADOPTED} batches are adopted in one control commit`, adoption?.met === true)
      ],
      figures: [...times.figures, ...memory, ...(adoption?.figures ?? [])]
    }
  })
