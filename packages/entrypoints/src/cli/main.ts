/** The process around the command: arguments in, text and exit code out. */
import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { userInfo } from "node:os"
import { text } from "node:stream/consumers"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { command } from "./command.ts"
import type { World } from "./World.ts"

const world: World = {
  directory: process.cwd(),
  environment: process.env,
  isTerminal: process.stdout.isTTY === true,
  nowMillis: () => Date.now(),
  random: () => randomBytes(12).toString("hex"),
  readInput: () => text(process.stdin),
  userName: () => userInfo().username
}

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown"
}

const args = process.argv.slice(2)
const fiber = Effect.runFork(command(args, args[0] === "--version" ? version() : "", world))
const stop = (signal: NodeJS.Signals): void => {
  // Interruption ends the git programs and takes the temporary repository away.
  Effect.runFork(Fiber.interrupt(fiber))
  process.exitCode = signal === "SIGINT" ? 130 : 143
}
process.once("SIGINT", stop)
process.once("SIGTERM", stop)

fiber.addObserver((exit) => {
  process.removeListener("SIGINT", stop)
  process.removeListener("SIGTERM", stop)
  if (exit._tag === "Failure") return
  process.exitCode = exit.value.exitCode
  process.stderr.write(exit.value.stderr)
  process.stdout.write(exit.value.stdout)
})
