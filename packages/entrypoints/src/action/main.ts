/** The process around the Action: one file for the step, for what comes behind the job, and for the command itself. */
import { randomBytes } from "node:crypto"
import { writeSync } from "node:fs"
import { annotate, type Step, saveState } from "./Step.ts"

const STDOUT = 1

const step: Step = {
  environment: process.env,
  node: process.execPath,
  nowMillis: () => Date.now(),
  // Written at once: an end in between loses nothing of what was said.
  print: (text) => {
    if (text !== "") writeSync(STDOUT, text)
  },
  random: () => randomBytes(12).toString("hex")
}

const run = async (): Promise<number> => {
  if (process.env.STATE_phase === "behind") return (await import("./giveBack.ts")).giveBack(step)
  await saveState(step, [["phase", "behind"]])
  return (await import("./runStep.ts")).runStep(step)
}

const internal = (cause: unknown): number => {
  const message = `internal fault: ${cause instanceof Error ? cause.message : String(cause)}; please report it`
  annotate(step, [{ message, severity: "error", title: "batchbrake" }])
  return 2
}

const OLDEST = [22, 19] as const
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

// With arguments it is the command: a workflow has every verb at hand without another file.
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(`batchbrake: needs Node ${OLDEST.join(".")} or newer, and this is ${process.versions.node}`)
  process.exitCode = 2
} else if (process.argv.length > 2) void import("../cli/main.ts")
else {
  void run()
    .catch(internal)
    .then((exitCode) => {
      process.exitCode = exitCode
    })
}
