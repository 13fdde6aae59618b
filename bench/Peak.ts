/** The most memory that a program, or one that it starts, holds at a time: read from /proc while it runs. */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"

const EVERY_MILLIS = 4

export interface Peak {
  /** MiB of the program itself. */
  readonly own: number
  /** MiB of the largest of the programs that it started; 0: it started none that lived long enough to be seen. */
  readonly started: number
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It has ended, or this is no Linux.
    return ""
  }
}

/** The high-water mark of a process, in MiB. */
const markOf = (pid: number): number => Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024

const below = (pid: number): ReadonlyArray<number> =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(" ")
    .filter((word) => word !== "")
    .flatMap((word) => [Number(word), ...below(Number(word))])

/** Runs a program to its end and answers its peaks. Throws when it fails. */
export const peakOf = (program: string, args: ReadonlyArray<string>, cwd: string): Promise<Peak> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { cwd, stdio: "ignore" })
    let [own, started] = [0, 0]
    const look = (): void => {
      if (child.pid === undefined) return
      own = Math.max(own, markOf(child.pid))
      started = Math.max(started, ...below(child.pid).map(markOf))
    }
    const timer = setInterval(look, EVERY_MILLIS)
    child.on("error", reject)
    child.on("close", (code) => {
      clearInterval(timer)
      if (code === 0) resolve({ own, started })
      else reject(new Error(`${program} ${args.join(" ")} exited with ${code}`))
    })
  })
