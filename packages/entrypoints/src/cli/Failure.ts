/** How a failure leaves the command: a stable code, one line for people, an exit code. Never a secret, never a stack. */
import type { ControlMissing, StoreCorrupt, StoreRefused, StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import type { ControlUnreadable, EventRejected, GaveUp, UnexplainedEdit } from "@batchbrake/core/program/Failure"
import * as Data from "effect/Data"

/** 0 done · 1 checked and found something · 2 usage or unreadable input · 3 held · 4 could not reach the store */
export const EXIT = { done: 0, found: 1, held: 3, unreachable: 4, unreadable: 2 } as const

/** The command line is wrong, or a file that it names is. */
export class InputUnusable extends Data.TaggedError("InputUnusable")<{
  readonly code: "usage" | "policy-unreadable" | "input-unreadable" | "time-refused" | "refused"
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

/** `{ code, message, path? }`, the published shape of an error. */
export interface Reported {
  readonly code: string
  readonly message: string
  readonly path?: string
}

const CODES = {
  ControlMissing: ["control-missing", EXIT.unreadable],
  ControlUnreadable: ["control-unreadable", EXIT.unreadable],
  GaveUp: ["gave-up", EXIT.unreachable],
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
      return failure.paths[0]
    case "InputUnusable":
      return failure.path
    default:
      return undefined
  }
}

export const report = (failure: Failure): { readonly error: Reported; readonly exitCode: number } => {
  const [code, exitCode] =
    failure._tag === "InputUnusable" || failure._tag === "EventRejected"
      ? [failure.code, EXIT.unreadable]
      : CODES[failure._tag]
  const path = pathOf(failure)
  return { error: { code, message: failure.message, ...(path === undefined ? {} : { path }) }, exitCode }
}
