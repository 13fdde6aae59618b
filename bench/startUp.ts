/** How long a process of the command takes, beside a bare node; and how much memory it holds at its peak. */
import { spawnSync } from "node:child_process"
import { type Figure, interleaved, median, type Outcome } from "./Figure.ts"
import { bundle, COMMAND, inScratch, makeRemote, timeOf } from "./Ground.ts"
import { ECOSYSTEMS } from "./Programs.ts"

const ROUNDS = 30
const MEMORY_ROUNDS = 5
const AIM = 2

/** Prints the peak of the resident set, in KiB, when the process ends. */
const PEAK = 'data:text/javascript,process.on("exit",()=>process._rawDebug(process.resourceUsage().maxRSS))'

const peakMebibytes = (args: ReadonlyArray<string>, cwd: string): number => {
  const { status, stderr } = spawnSync(process.execPath, ["--import", PEAK, ...args], { cwd, encoding: "utf8" })
  const kibibytes = Number(stderr.trim().split("\n").at(-1))
  if (status !== 0 || Number.isNaN(kibibytes)) throw new Error(`${args.join(" ")} failed: ${stderr}`)
  return kibibytes / 1024
}

const prepare = (root: string): string => {
  const { clone } = makeRemote(root, "start")
  const named = ECOSYSTEMS.flatMap((name) => ["--ecosystem", name])
  timeOf(process.execPath, [COMMAND, "init", ...named], clone)
  timeOf(process.execPath, [COMMAND, "init", "--local"], clone)
  return clone
}

const NOTES = {
  "gate --local": "from the bundle, compile cache warm; six ecosystems, one git program",
  "gate, file:// remote": "the same, and the programs that fetch",
  help: "batchbrake --help",
  "node -e 0": "nothing: the floor of every command in node"
} as const

export const benchStartUp = (): Promise<Outcome> =>
  inScratch(async (root) => {
    bundle()
    const clone = prepare(root)
    const node =
      (...args: ReadonlyArray<string>) =>
      (): number =>
        timeOf(process.execPath, args, clone)
    const cases = {
      "gate --local": node(COMMAND, "gate", "--local"),
      "gate, file:// remote": node(COMMAND, "gate"),
      help: node(COMMAND, "--help"),
      "node -e 0": node("-e", "0")
    }
    await interleaved(2, cases)
    const taken = await interleaved(ROUNDS, cases)
    const memory = await interleaved(MEMORY_ROUNDS, {
      bare: () => peakMebibytes(["-e", "0"], clone),
      gate: () => peakMebibytes([COMMAND, "gate", "--local"], clone)
    })
    const bare = median(taken["node -e 0"])
    const ratio = median(taken["gate --local"]) / bare
    const times = (Object.keys(NOTES) as Array<keyof typeof NOTES>).map((what): Figure => {
      const millis = median(taken[what])
      return {
        bench: "start-up",
        note: `${(millis / bare).toFixed(2)} x bare; ${NOTES[what]}`,
        unit: "ms",
        value: millis,
        what
      }
    })
    const peak = (what: string, value: number): Figure => ({
      bench: "memory",
      note: "peak resident set",
      unit: "MiB",
      value,
      what
    })
    return {
      claims: [
        {
          bench: "start-up",
          met: ratio <= AIM,
          text: `gate --local within ${AIM} times a bare node (is ${ratio.toFixed(2)})`
        }
      ],
      figures: [...times, peak("gate --local", median(memory.gate)), peak("node -e 0", median(memory.bare))]
    }
  })
