/** What `git push --porcelain` says of the one branch that was pushed. */
export interface PushReport {
  /** `accepted`: it moved. `behind`: it was not where it had to be. `rejected`: the server's own no. */
  readonly kind: "accepted" | "up-to-date" | "behind" | "rejected" | "no-report"
  /** The server's reason, where it gave one. */
  readonly reason: string
}

const LINE = /^([ +*=!-])\t[^\t]*\t(.*)$/
const REASON = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$/

const NO_ANSWER = /remote failed to report status/

/** Reads the report. Without a line for the branch, or with one that says the server did not answer, there is no report. */
export const parsePushReport = (stdout: string): PushReport => {
  const line = stdout.split("\n").flatMap((text) => LINE.exec(text) ?? [])
  const [, flag, summary = ""] = line
  const reason = REASON.exec(summary)?.[1] ?? summary
  if (flag === undefined || NO_ANSWER.test(summary)) return { kind: "no-report", reason }
  if (flag === "=") return { kind: "up-to-date", reason }
  if (flag !== "!") return { kind: "accepted", reason }
  return { kind: summary.startsWith("[remote rejected]") ? "rejected" : "behind", reason }
}

/** Reasons that a server gives when two writers met in it: the other one's write may be on its way still. */
const RACE =
  /cannot lock ref|failed to update ref|failed to lock|incorrect old value|reference already exists|non-fast-forward|fetch first|stale info/i

export const isRace = (reason: string): boolean => RACE.test(reason)

const NO_ROOM = /unpacker error|unpack(?:-objects|ing)? (?:abnormal exit|failed)|index-pack/i

/** The server could not store what it was sent. */
export const isUnpackFailure = (reason: string): boolean => NO_ROOM.test(reason)
