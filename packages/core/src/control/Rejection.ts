import type { RefusalCode } from "../batch/Refusal.ts"

/** Why an event cannot be applied. Nothing has changed. */
export interface Rejection {
  readonly _tag: "Rejection"
  /** Stable, for programs. */
  readonly code:
    | "already-initialised"
    | "conflict"
    | "held"
    | "invalid"
    | "no-grant"
    | "too-old"
    | "unknown-ecosystem"
    | "unreadable"
    | RefusalCode
  /** What is wrong and what to do, in one line. */
  readonly message: string
  /** The reasons of the decision, where a claim was held. */
  readonly reasons: ReadonlyArray<{ readonly code: string; readonly message: string }>
}

export const rejection = (code: Rejection["code"], message: string, reasons: Rejection["reasons"] = []): Rejection => ({
  _tag: "Rejection",
  code,
  message,
  reasons
})
