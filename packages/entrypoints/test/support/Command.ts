/** Starts the command as users do: a process of its own, from its bundle. */
import { execFileSync, spawn } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import type {} from "./bundleDirectory.ts"

const PACKAGE = join(import.meta.dirname, "../..")

/** Lays the bundle out as the package would be installed. Whoever comes first keeps the place. */
const bundle = (): string => {
  const place = inject("commandBundle")
  const home = join(place, "package")
  if (existsSync(home)) return home
  const draft = join(place, `draft-${process.pid}`)
  execFileSync(process.execPath, [join(PACKAGE, "build.ts"), join(draft, "dist/cli")], { stdio: "ignore" })
  mkdirSync(join(draft, "bin"))
  copyFileSync(join(PACKAGE, "bin/batchbrake.cjs"), join(draft, "bin/batchbrake.cjs"))
  copyFileSync(join(PACKAGE, "package.json"), join(draft, "package.json"))
  try {
    renameSync(draft, home)
  } catch {
    // Another worker was first.
    rmSync(draft, { force: true, recursive: true })
  }
  return home
}

let found: string | undefined

/** The script that users start. */
export const script = (): string => {
  found ??= join(bundle(), "bin/batchbrake.cjs")
  return found
}

export interface Start {
  readonly cwd: string
  readonly environment: NodeJS.ProcessEnv
  readonly stdin?: string | Uint8Array
  /** A program and its arguments to start the command with. */
  readonly by?: ReadonlyArray<string>
  /** Keeps standard input open, as a terminal would. */
  readonly keepsInputOpen?: boolean
}

export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

export interface Running {
  readonly pid: number
  /** Sends a signal to the command alone. */
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
}

const LONGEST_MILLIS = 290_000

/** Starts the command in a process group of its own, with nothing but what it is given. */
export const start = (args: ReadonlyArray<string>, { by, cwd, environment, keepsInputOpen, stdin }: Start): Running => {
  const [program = process.execPath, ...words] = [...(by ?? []), process.execPath, script(), ...args]
  const began = performance.now()
  const child = spawn(program, words, {
    cwd,
    detached: true,
    env: environment,
    killSignal: "SIGKILL",
    timeout: LONGEST_MILLIS
  })
  const [stdout, stderr]: [Array<Buffer>, Array<Buffer>] = [[], []]
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on("error", () => undefined)
  if (keepsInputOpen !== true) child.stdin.end(stdin)
  return {
    ended: new Promise((resolve, reject) => {
      child.on("error", reject)
      child.on("close", (exitCode, signal) =>
        resolve({
          exitCode,
          seconds: (performance.now() - began) / 1000,
          signal,
          stderr: Buffer.concat(stderr).toString("utf8"),
          stdout: Buffer.concat(stdout).toString("utf8")
        })
      )
    }),
    kill: (signal) => {
      child.kill(signal)
    },
    pid: child.pid ?? 0
  }
}
