/** The process around the command: arguments in, text and exit code out. */
import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { userInfo } from "node:os"
import { buffer } from "node:stream/consumers"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { command, failed, internal, type Printed, wantsJson } from "./command.ts"
import { EXIT, report } from "./Failure.ts"
import type { World } from "./World.ts"

const args = process.argv.slice(2)
/** Without a terminal a log is read: wide enough for it, narrow enough for a mail. */
const COLUMNS = 110
const NARROWEST = 60
/** Nobody is told that they wait for less than this. */
const PATIENCE_MILLIS = 1500

let readsInput = false

const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that has no name.
    return `user ${process.getuid?.() ?? "unknown"}`
  }
}

/** Only where somebody looks: a log and a reader of JSON get the answer alone. */
const tell = (text: string): void => {
  if (process.stderr.isTTY === true && !wantsJson(args)) process.stderr.write(`batchbrake: ${text}\n`)
}

const announce = (text: string): (() => void) => {
  const timer = setTimeout(() => tell(text), PATIENCE_MILLIS)
  return () => clearTimeout(timer)
}

const world = (): World => {
  const { NO_COLOR, TERM } = process.env
  const isTerminal = process.stdout.isTTY === true
  return {
    announce,
    confirm: isTerminal && process.stdin.isTTY === true ? confirm : undefined,
    directory: process.cwd(),
    environment: process.env,
    nowMillis: () => Date.now(),
    paper: {
      colours: isTerminal && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb",
      columns: isTerminal ? Math.max(NARROWEST, process.stdout.columns || COLUMNS) : COLUMNS
    },
    random: () => randomBytes(12).toString("hex"),
    readInput: () => {
      readsInput = true
      return buffer(process.stdin)
    },
    say: (text) => {
      process.stderr.write(`batchbrake: ${text}\n`)
    },
    tell,
    userName
  }
}

/** A terminal on both sides: the plan can be read, and an answer typed. */
const confirm = async (shown: string, question: string, signal: AbortSignal): Promise<boolean> => {
  const { createInterface } = await import("node:readline")
  process.stdout.write(`${shown}${question} [y/N] `)
  // Not in raw mode: Ctrl-C stays a signal, which ends the command as it does everywhere else.
  const lines = createInterface({ input: process.stdin, terminal: false })
  try {
    return await new Promise<boolean>((resolve) => {
      const ended = (): void => {
        process.stdout.write("\n")
        resolve(false)
      }
      lines.once("close", ended)
      lines.once("line", (line) => {
        lines.off("close", ended)
        resolve(/^\s*y(?:es)?\s*$/i.test(line))
      })
      signal.addEventListener("abort", () => lines.close(), { once: true })
    })
  } finally {
    lines.close()
    process.stdin.destroy()
  }
}

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown"
}

const print = ({ exitCode, stderr, stdout }: Printed): void => {
  process.exitCode = exitCode
  process.stderr.write(stderr)
  process.stdout.write(stdout)
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no fault; an answer that could not be written is one.
  if (error.code === "EPIPE") return
  process.exitCode = EXIT.unreadable
  process.stderr.write(`batchbrake: the output cannot be written: ${error.message}\n`)
})
process.stderr.on("error", () => undefined)

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

const endedBy = (signal: string): Printed => {
  const message = `ended by ${signal} before it was done; \`batchbrake status\` shows what stands`
  const exitCode = SIGNALS[signal] ?? EXIT.unreadable
  return failed({ exitCode, json: { error: { code: "interrupted", message } }, text: message }, wantsJson(args))
}

const fiber = Effect.runFork(Effect.suspend(() => command(args, version, world())))
let received: string | undefined
const stop = (signal: string): void => {
  if (received !== undefined) return
  received = signal
  // Interruption ends the git programs and takes the temporary repository away.
  Effect.runFork(Fiber.interrupt(fiber))
}
for (const signal of Object.keys(SIGNALS)) process.on(signal, stop)

fiber.addObserver((exit) => {
  for (const signal of Object.keys(SIGNALS)) process.removeListener(signal, stop)
  // Somebody may still be writing to us; nothing waits for that any more.
  if (readsInput) process.stdin.destroy()
  if (exit._tag === "Success") print(exit.value)
  else if (received !== undefined) print(endedBy(received))
  else print(failed(report(internal(Cause.squash(exit.cause))), wantsJson(args)))
})
