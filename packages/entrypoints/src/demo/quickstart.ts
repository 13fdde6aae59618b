/** `npm run quickstart`: six ecosystems, two workers at once, a real remote, and every brake pulled once. */

import { join } from "node:path"
import * as Policy from "@batchbrake/core/policy/Policy"
import { format, HOUR, MINUTE, WEEK } from "@batchbrake/core/time/Instant"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { closing } from "./quickstart/Closing.ts"
import { ECOSYSTEMS, HOURS, LAST_HOUR, PAUSED_HOUR, POLICY, startBefore, WORKERS } from "./quickstart/Plan.ts"
import { promises } from "./quickstart/Shown.ts"
import { countCommits, countEvents, countRunning, runCommand, setStage } from "./quickstart/Stage.ts"
import { type Entry, entriesOf, printEntry, printHead } from "./quickstart/Timeline.ts"
import { claimHour, openWorker, type Tally, type Turn, workHour } from "./quickstart/Worker.ts"
import { git } from "./Scratch.ts"
import { wantsColours } from "./Sheet.ts"

const colours = wantsColours(process.stdout)
const tell = (entry: Entry): void => console.log(printEntry(entry, colours))

/** An operator at work with the real command: everything is paused for an hour. */
const operate = (root: string, start: number, hour: number): void => {
  const order = (what: string, at: number, why: string, args: ReadonlyArray<string>): void => {
    runCommand(join(root, "amsel"), [...args, "--at", format(at)])
    tell({ at, colour: "red", what, who: "all", why })
  }
  if (hour === PAUSED_HOUR) {
    const reason = "the mirror is being moved"
    order("pause", start + hour * HOUR - MINUTE, `by the operator: ${reason}`, ["pause", "--reason", reason])
  }
  if (hour === PAUSED_HOUR + 1) {
    order("resume", start + hour * HOUR - MINUTE, "by the operator", ["resume"])
  }
}

const bothAtOnce = <A, B, E, R>(all: ReadonlyArray<A>, each: (one: A) => Effect.Effect<B, E, R>) =>
  Effect.forEach(all, each, { concurrency: "unbounded" })

const play = Effect.fnUntraced(function* (root: string, start: number, policy: Policy.Policy) {
  const tally: Tally = { conflicts: 0 }
  const workers = yield* Effect.forEach(Object.entries(WORKERS), ([name, own]) => openWorker(root, name, own, tally))
  const turns: Array<Turn> = []
  for (const hour of HOURS) {
    operate(root, start, hour)
    const at = start + hour * HOUR
    const claimed = yield* bothAtOnce(workers, (worker) => claimHour(worker, policy, hour, at))
    const both = yield* bothAtOnce(claimed, (claim) => workHour(claim, policy, hour, at))
    const entries = entriesOf(both.flat())
    for (const entry of entries) tell(entry)
    turns.push(...both.flat())
  }
  for (const { name, tree } of workers) git(tree, "push", "--quiet", "origin", `generated/${name}`)
  return { tally, turns }
})

const main = Effect.gen(function* () {
  const began = performance.now()
  const policy = Policy.fromJson(POLICY)
  if (Result.isFailure(policy)) return yield* Effect.die(new Error("the quick start's own policy cannot be used"))
  const start = startBefore(Date.now())
  const root = setStage()
  console.log(`Two workers, ${ECOSYSTEMS.length} ecosystems, one remote in ${root}\n`)
  runCommand(join(root, "amsel"), ["init", "--at", format(start)])
  console.log(printHead(colours))
  const { tally, turns } = yield* play(root, start, policy.success)
  const nextWeek = countRunning(join(root, "amsel"), format(start + WEEK))
  tell({
    at: start + WEEK,
    colour: "green",
    what: "gate",
    who: `${nextWeek} of ${ECOSYSTEMS.length}`,
    why: "a new week, in which nothing is spent yet"
  })
  const shown = promises({ events: countEvents(root), nextWeek, turns })
  const end = start + LAST_HOUR * HOUR + 30 * MINUTE
  const seconds = (performance.now() - began) / 1000
  console.log(`\n${closing({ controlCommits: countCommits(root), end, root, seconds, shown, tally, turns })}`)
  return shown.every(({ kept }) => kept)
}).pipe(Effect.scoped)

// Interruption closes the scope, so that a quick start that is stopped leaves no git program behind.
NodeRuntime.runMain(
  Effect.map(main, (kept) => {
    if (!kept) process.exitCode = 1
  })
)
