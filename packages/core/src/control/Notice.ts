import { plainLine } from "./plainLine.ts"

/** Something that a person should know about a change or a decision. Codes are stable; messages are for reading. */
export interface Notice {
  readonly code: string
  readonly severity: "info" | "warning" | "critical"
  readonly message: string
}

export const notice = (code: string, severity: Notice["severity"], message: string): Notice => ({
  code,
  message: plainLine(message),
  severity
})
