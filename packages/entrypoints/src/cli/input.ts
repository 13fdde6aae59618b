/** Files that the command line names. */
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import * as Fault from "@batchbrake/core/json/Fault"
import * as Effect from "effect/Effect"
import { InputUnusable } from "./Failure.ts"
import type { World } from "./World.ts"

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file"
}

/** Why a file cannot be read or written, in words. */
export const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? (REASONS["code" in cause ? String(cause.code) : ""] ?? cause.message) : String(cause)

/** The text of the file that an option names, `-` for standard input; without a byte order mark, and whole. */
export const readText = Effect.fn("readText")(function* (world: World, option: string, stated: string) {
  const unusable = (reason: string): InputUnusable =>
    new InputUnusable({ code: "input-unreadable", message: `--${option} ${stated}: ${reason}`, path: stated })
  const bytes = yield* Effect.tryPromise({
    catch: (cause) => unusable(reasonOf(cause)),
    try: (): Promise<Uint8Array> => (stated === "-" ? world.readInput() : readFile(resolve(world.directory, stated)))
  })
  return yield* Effect.try({
    catch: () => unusable("it is not UTF-8 text"),
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  })
})

const SHOWN = 3

/** The first faults, and how many more there are. */
export const faultsText = (faults: ReadonlyArray<Fault.Fault>): string =>
  Fault.printAll(faults.slice(0, SHOWN)) + (faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : "")
