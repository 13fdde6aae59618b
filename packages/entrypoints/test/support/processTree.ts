import { readdirSync, readFileSync } from "node:fs"

/** The parent of a process; `undefined` when it is gone. */
const parentOf = (pid: number): number | undefined => {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8")
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1])
  } catch {
    return undefined
  }
}

const all = (): ReadonlyArray<number> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** A process and all that it started, itself first. Nothing but itself where the system has no `/proc`. */
export const treeOf = (pid: number): ReadonlyArray<number> => {
  try {
    const parents = all().map((candidate) => [candidate, parentOf(candidate)] as const)
    const tree = [pid]
    for (const member of tree) {
      tree.push(...parents.flatMap(([candidate, parent]) => (parent === member ? [candidate] : [])))
    }
    return tree
  } catch {
    return [pid]
  }
}

/** The command lines of running processes that hold `text`. */
export const processesNaming = (text: string): ReadonlyArray<string> => {
  try {
    return all().flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
        return line.includes(text) ? [line] : []
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** Ends processes at once, each by its own number. */
export const killEach = (pids: ReadonlyArray<number>): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // It is gone already.
    }
  }
}
