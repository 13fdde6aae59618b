/** A running git program with all its children: ssh, remote helpers, hooks. Plain node, because start-up time counts. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"

/** How a program came to its end. */
export type End =
  | { readonly kind: "exited"; readonly code: number | null }
  | { readonly kind: "not-started"; readonly reason: string }

export interface GitProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<End>
  /** Standard error so far, up to a limit. */
  readonly stderr: () => string
  /** Ends the program and all that it started; `ended` follows. */
  readonly stop: () => void
}

const STDERR_LIMIT = 65_536
/** How long a program may take to put its lock files away. */
const GRACE_MILLIS = 500

const signal = (child: ChildProcessWithoutNullStreams, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // The group is gone already.
  }
}

/**
 * Resolves when the program has exited and its output has been read. A daemon that it left behind (a credential cache, a
 * shared ssh connection) may hold the pipes open for ever, so after the exit the end of the output is awaited but shortly.
 */
const endOf = (child: ChildProcessWithoutNullStreams): Promise<End> =>
  new Promise((resolve) => {
    child.on("error", (error) => resolve({ kind: "not-started", reason: error.message }))
    child.on("exit", (code) => {
      const settle = (): void => {
        clearTimeout(timer)
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ code, kind: "exited" })
      }
      const timer = setTimeout(settle, GRACE_MILLIS)
      child.on("close", settle)
    })
  })

/** Starts git in a process group of its own. Throws what `spawn` throws: an argument that no program can be given. */
export const start = (
  cwd: string,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>>
): GitProcess => {
  const child = spawn("git", [...args], { cwd, detached: true, env: environment, stdio: "pipe", windowsHide: true })
  const chunks: Array<Buffer> = []
  let length = 0
  child.stderr.on("data", (chunk: Buffer) => {
    if (length < STDERR_LIMIT) chunks.push(chunk)
    length += chunk.length
  })
  // A program that stops reading says why on standard error; the broken pipe is no news.
  child.stdin.on("error", () => undefined)
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    const hasExited = child.exitCode !== null || child.signalCode !== null
    signal(child, hasExited ? "SIGKILL" : "SIGTERM")
    if (hasExited) return
    const timer = setTimeout(() => signal(child, "SIGKILL"), GRACE_MILLIS)
    child.on("exit", () => {
      clearTimeout(timer)
      signal(child, "SIGKILL")
    })
  }
  return { child, ended: endOf(child), stderr: () => Buffer.concat(chunks).toString("utf8"), stop }
}
