/** The end of the quick start: what it came to, and what a reader can try. */
import { join } from "node:path"
import { type EpochMillis, format } from "@batchbrake/core/time/Instant"
import { COLLAPSING } from "./Plan.ts"
import type { Shown } from "./Shown.ts"
import { COMMAND } from "./Stage.ts"
import type { Tally, Turn } from "./Worker.ts"

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Commands that work when they are pasted into a shell. The first two lines make the rest short. */
export const commands = (root: string, end: EpochMillis): ReadonlyArray<string> => [
  `cd ${quoted(join(root, "amsel"))}`,
  `batchbrake() { ${quoted(process.execPath)} ${quoted(COMMAND)} "$@"; }`,
  `batchbrake status --at ${format(end)}`,
  `batchbrake explain ${COLLAPSING} --at ${format(end)}`,
  `batchbrake gate --ecosystem ${COLLAPSING} --claim --run try-1`,
  `batchbrake record --ecosystem ${COLLAPSING} --run try-1 --passed 5 --failed 1 --minutes linux=6`,
  "git fetch --quiet origin batch-control && git log --format=%s -5 FETCH_HEAD"
]

const holds = (turns: ReadonlyArray<Turn>): string => {
  const codes = new Map<string, number>()
  for (const { decision } of turns.filter((turn) => turn.decision.decision === "hold")) {
    const code = decision.reasons.map((reason) => reason.code).join(" + ")
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  return [...codes].map(([code, count]) => `${count} ${code}`).join(", ")
}

export interface Ending {
  readonly root: string
  readonly end: EpochMillis
  readonly turns: ReadonlyArray<Turn>
  readonly tally: Tally
  readonly controlCommits: number
  readonly seconds: number
  readonly shown: ReadonlyArray<Shown>
}

/** Counts, the promises one by one, and what to try. */
export const closing = ({ controlCommits, end, root, seconds, shown, tally, turns }: Ending): string => {
  const noticed = (code: string): number =>
    turns.filter(({ recorded }) => (recorded?.notices ?? []).some((notice) => notice.code === code)).length
  const minutes = (platform: string): number => turns.reduce((sum, turn) => sum + (turn.minutes[platform] ?? 0), 0)
  const probes = turns.filter(({ decision }) => decision.decision === "probe").length
  return [
    `Trips    ${noticed("breaker-opened")}, then ${probes} probes, of which ${noticed("breaker-closed")} closed the breaker`,
    `Holds    ${holds(turns)}`,
    `Minutes  linux ${minutes("linux")}, macos ${minutes("macos")} in the week`,
    `Control  ${controlCommits} commits on batch-control; ${tally.conflicts} writes met another writer and were reduced again`,
    `Time     ${seconds.toFixed(1)} s`,
    "",
    ...shown.map(({ kept, text }) => `${kept ? "ok " : "NOT SO"} ${text}`),
    "",
    `Everything is in ${root} (the remote is registry.git, the workers' clones are amsel and birke). To try:`,
    "",
    ...commands(root, end).map((command) => `  ${command}`),
    "",
    `\`rm -rf ${quoted(root)}\` removes it.`
  ].join("\n")
}
