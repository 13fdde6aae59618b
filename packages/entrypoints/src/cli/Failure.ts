/** How a failure leaves the command: a stable code, one line for people, an exit code. Never a secret, never a stack. */
import { type Notice, notice } from "@batchbrake/core/control/Notice"
import { plainLine } from "@batchbrake/core/control/plainLine"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { PathOccupied, RevisionUnknown } from "@batchbrake/core/port/ContentRepository"
import type { ControlMissing, StoreCorrupt, StoreRefused, StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import type { ForgeLimited, ForgeRefused, ForgeUnavailable } from "@batchbrake/core/port/Forge"
import type { MetricsRefused, MetricsUnavailable, RunUnusable } from "@batchbrake/core/port/MetricsStore"
import type { SpoolUnusable } from "@batchbrake/core/port/Spool"
import type { ControlUnreadable, EventRejected, GaveUp, UnexplainedEdit } from "@batchbrake/core/program/Failure"
import * as Data from "effect/Data"

/** 0 done · 1 checked and found something · 2 usage or unreadable input · 3 held · 4 could not reach the store */
export const EXIT = { done: 0, found: 1, held: 3, unreachable: 4, unreadable: 2 } as const

/** The command line is wrong, or a file that it names is; or, as `internal`, the command itself. */
export class InputUnusable extends Data.TaggedError("InputUnusable")<{
  readonly code:
    | "usage"
    | "policy-unreadable"
    | "input-unreadable"
    | "output-failed"
    | "time-refused"
    | "refused"
    | "internal"
  readonly message: string
  /** The field or the file, where there is one. */
  readonly path?: string
}> {}

export type Failure =
  | InputUnusable
  | ControlMissing
  | ControlUnreadable
  | UnexplainedEdit
  | EventRejected
  | GaveUp
  | StoreUnavailable
  | StoreRefused
  | StoreCorrupt
  | RevisionUnknown
  | PathOccupied
  | MetricsRefused
  | MetricsUnavailable
  | RunUnusable
  | SpoolUnusable
  | ForgeUnavailable
  | ForgeLimited
  | ForgeRefused

/** A failure in both languages. */
export interface Reported {
  /** `{ error: { code, message, path? } }`, and whatever a verb adds. */
  readonly json: JsonObject
  /** One line. */
  readonly text: string
  readonly exitCode: number
}

const CODES = {
  ControlMissing: ["control-missing", EXIT.unreadable],
  ControlUnreadable: ["control-unreadable", EXIT.unreadable],
  ForgeLimited: ["forge-limited", EXIT.unreachable],
  ForgeRefused: ["forge-refused", EXIT.unreachable],
  ForgeUnavailable: ["forge-unavailable", EXIT.unreachable],
  GaveUp: ["gave-up", EXIT.unreachable],
  MetricsRefused: ["metrics-refused", EXIT.unreachable],
  MetricsUnavailable: ["metrics-unavailable", EXIT.unreachable],
  PathOccupied: ["path-occupied", EXIT.unreadable],
  RevisionUnknown: ["revision-unknown", EXIT.unreadable],
  RunUnusable: ["run-unusable", EXIT.unreadable],
  SpoolUnusable: ["spool-unusable", EXIT.unreadable],
  StoreCorrupt: ["store-corrupt", EXIT.unreachable],
  StoreRefused: ["store-refused", EXIT.unreachable],
  StoreUnavailable: ["store-unavailable", EXIT.unreachable],
  UnexplainedEdit: ["unexplained-edit", EXIT.unreadable]
} as const

const pathOf = (failure: Failure): string | undefined => {
  switch (failure._tag) {
    case "ControlUnreadable":
      return failure.faults[0]?.path === "" ? failure.file : failure.faults[0]?.path
    case "UnexplainedEdit":
    case "PathOccupied":
      return failure.paths[0]
    case "InputUnusable":
      return failure.path
    default:
      return undefined
  }
}

/** The last door before the terminal: an address is shown without the part that may be a password or a token. */
export const withoutSecrets = (text: string): string =>
  text.replace(/\/\/[^\s/'"]*@/g, "//***@").replace(/(\w:\/\/[^\s?'"]*)\?[^\s'"]*?(?=[:;,]?(?:[\s'"]|$))/g, "$1?***")

/** Notices of what is read or written through the network may quote an address. */
export const safe = (notices: ReadonlyArray<Notice>): ReadonlyArray<Notice> =>
  notices.map(({ code, message, severity }) => notice(code, severity, withoutSecrets(message)))

/** The code of a failure and what it says, in one line. */
export const errorOf = (
  failure: Failure
): { readonly code: string; readonly message: string; readonly path?: string } => {
  const code =
    failure._tag === "InputUnusable" || failure._tag === "EventRejected" ? failure.code : CODES[failure._tag][0]
  const path = pathOf(failure)
  const message = plainLine(withoutSecrets(failure.message))
  return { code, message, ...(path === undefined ? {} : { path: withoutSecrets(path) }) }
}

export const report = (failure: Failure): Reported => {
  const error = errorOf(failure)
  const exitCode =
    failure._tag === "InputUnusable" || failure._tag === "EventRejected" ? EXIT.unreadable : CODES[failure._tag][1]
  return { exitCode, json: { error: { ...error } }, text: error.message }
}
