/** Runs the real `git` program: argument arrays only, nothing inherited that would point it elsewhere, nobody asked. */
import { existsSync } from "node:fs"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { environmentFor, Inherited, type Variables } from "./internal/environment.ts"
import { type End, type GitProcess, start } from "./internal/GitProcess.ts"
import { redact } from "./internal/redact.ts"

export interface Invocation {
  /** The directory to start in. */
  readonly cwd: string
  readonly args: ReadonlyArray<string>
  /** On top of the inherited environment; `undefined` takes a variable away. */
  readonly environment?: Variables
  readonly stdin?: string | Uint8Array
  /** Wall-clock time after which the program and all its children are ended. */
  readonly timeoutMillis: number
}

export interface GitOutput {
  readonly exitCode: number
  readonly stdout: Buffer
  /** Without credentials. */
  readonly stderr: string
}

/** A git program that did not start, did not end in time, was killed, or (from `succeed`) said no. Without credentials. */
export class GitFailed extends Data.TaggedError("GitFailed")<{
  readonly reason: "not-started" | "time-out" | "killed" | "exit"
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  /** Of the program; `undefined` unless it exited by itself. */
  readonly exitCode: number | undefined
  readonly stderr: string
  readonly stdout: string
  readonly timeoutMillis: number
}> {
  override get message(): string {
    const lines = this.stderr.trim().split("\n").slice(0, 3).join("; ")
    return `git ${this.args[0] ?? ""}: ${this.reason}${this.exitCode === undefined ? "" : ` ${this.exitCode}`}: ${lines}`
  }
}

/** The failure of an invocation, for `reason`. */
export const failureOf = (
  invocation: Invocation,
  reason: GitFailed["reason"],
  output: { readonly exitCode?: number; readonly stderr: string; readonly stdout?: string }
): GitFailed =>
  new GitFailed({
    args: invocation.args.map(redact),
    cwd: invocation.cwd,
    exitCode: output.exitCode,
    reason,
    stderr: redact(output.stderr),
    stdout: redact(output.stdout ?? ""),
    timeoutMillis: invocation.timeoutMillis
  })

/** Starts git and leaves the pipes to the caller, who must `stop` it. */
export const begin = (invocation: Invocation): Effect.Effect<GitProcess, GitFailed> =>
  Effect.flatMap(Inherited, (inherited) =>
    Effect.try({
      catch: (cause) => failureOf(invocation, "not-started", { stderr: String(cause) }),
      try: () => start(invocation.cwd, invocation.args, environmentFor(inherited, invocation.environment))
    })
  )

/** What kept a program from starting, in words: node says ENOENT for a missing program and for a missing directory alike. */
export const notStarted = (invocation: Invocation, reason: string): GitFailed => {
  const isDirectoryMissing = !existsSync(invocation.cwd)
  const stderr = isDirectoryMissing ? `${invocation.cwd} does not exist` : reason
  return failureOf(invocation, "not-started", { stderr })
}

const outcome = (
  invocation: Invocation,
  git: GitProcess,
  end: End,
  isLate: boolean
): Effect.Effect<Omit<GitOutput, "stdout">, GitFailed> => {
  if (end.kind === "not-started") return Effect.fail(notStarted(invocation, end.reason))
  const stderr = git.stderr()
  if (isLate) return Effect.fail(failureOf(invocation, "time-out", { stderr }))
  if (end.code === null) return Effect.fail(failureOf(invocation, "killed", { stderr }))
  return Effect.succeed({ exitCode: end.code, stderr: redact(stderr) })
}

/**
 * Runs git to its end, whatever its exit code, and hands its output on piece by piece. When `accept` answers false it has
 * enough: git is ended, and that is no failure. An interruption ends git and its children first.
 */
export const stream = (
  invocation: Invocation,
  accept: (chunk: Buffer) => boolean
): Effect.Effect<Omit<GitOutput, "stdout">, GitFailed> =>
  Effect.flatMap(begin(invocation), (git) =>
    Effect.callback((resume) => {
      let isLate = false
      let isEnough = false
      const timer = setTimeout(() => {
        isLate = true
        git.stop()
      }, invocation.timeoutMillis)
      git.child.stdout.on("data", (chunk: Buffer) => {
        if (isEnough || accept(chunk)) return
        isEnough = true
        git.stop()
      })
      git.child.stdin.end(invocation.stdin ?? "")
      void git.ended.then((end) => {
        clearTimeout(timer)
        resume(isEnough ? Effect.succeed({ exitCode: 0, stderr: "" }) : outcome(invocation, git, end, isLate))
      })
      return Effect.promise(() => {
        git.stop()
        return git.ended
      })
    })
  )

/** Runs git to its end, whatever its exit code. An interruption ends it and its children first. */
export const run = (invocation: Invocation): Effect.Effect<GitOutput, GitFailed> =>
  Effect.suspend(() => {
    const chunks: Array<Buffer> = []
    const collected = stream(invocation, (chunk) => chunks.push(chunk) > 0)
    return Effect.map(collected, (output) => ({ ...output, stdout: Buffer.concat(chunks) }))
  })

/** Runs git and fails unless it exits with 0. */
export const succeed = (invocation: Invocation): Effect.Effect<GitOutput, GitFailed> =>
  Effect.flatMap(run(invocation), (output) =>
    output.exitCode === 0
      ? Effect.succeed(output)
      : Effect.fail(
          failureOf(invocation, "exit", {
            exitCode: output.exitCode,
            stderr: output.stderr,
            stdout: output.stdout.toString("utf8")
          })
        )
  )
