/** From what git said to what the caller can do about it. */
import { StoreCorrupt, StoreRefused, StoreUnavailable } from "@batchbrake/core/port/ControlStore"
import type { GitFailed } from "../GitProgram.ts"
import { NoRoom } from "./PrivateRepository.ts"
import { Damaged } from "./readCommit.ts"
import { redact } from "./redact.ts"

/** What is known of an operation when it fails. */
export interface Attempt {
  /** The store's name, for people. */
  readonly store: string
  /** The directory that git writes to, for a full disk. */
  readonly directory: string
  /** A write was on its way, and its answer has not come. */
  readonly isSent: boolean
  /** What a person can try when git's words tell nothing better. */
  readonly otherwise: string
}

export const ASK_NETWORK = "check the network and the remote, then try again"
export const ASK_REPOSITORY = "run `git fsck` in the repository, then try again"

export type StoreFailure = StoreUnavailable | StoreRefused | StoreCorrupt

interface Rule {
  readonly says: RegExp
  readonly kind: "refused" | "unavailable" | "corrupt"
  readonly remedy: string
  /** Said before anything was sent: a push that ends so has written nothing. */
  readonly isEarly?: boolean
  /** Only a person can mend it: trying again is a waste of time. */
  readonly isPermanent?: boolean
}

const CREDENTIALS =
  "give git a credential that may write to it (in CI: a token with `contents: write`, kept by the checkout step)"

/** The first rule that fits decides. Git's messages are fixed by LC_ALL=C; what servers add is not, and only ever informs. */
const RULES: ReadonlyArray<Rule> = [
  {
    isEarly: true,
    kind: "refused",
    remedy: CREDENTIALS,
    says: /Authentication failed|could not read (?:Username|Password)|The requested URL returned error: 40[13]|HTTP 40[13]|terminal prompts disabled|(?:Write|Read) access to repository not granted/
  },
  {
    isEarly: true,
    kind: "refused",
    remedy: "add an ssh key that the remote knows, to the agent or as the job's deploy key with write access",
    says: /Permission denied \(|Permission to .* denied/
  },
  {
    isEarly: true,
    kind: "refused",
    remedy: "check the remote's host key and add it to known_hosts",
    says: /Host key verification failed/
  },
  {
    isEarly: true,
    isPermanent: true,
    kind: "unavailable",
    remedy: "if the directory is yours to trust, run `git config --global --add safe.directory DIRECTORY`",
    says: /dubious ownership/
  },
  {
    isEarly: true,
    isPermanent: true,
    kind: "unavailable",
    remedy: "run this in a git repository or name one with --repo",
    says: /^fatal: not a git repository/m
  },
  {
    isEarly: true,
    isPermanent: true,
    kind: "unavailable",
    remedy: "check the remote's address (`git remote -v`) and that the credential may read it",
    says: /does not appear to be a git repository|repository '.*' not found|Repository not found|returned error: 404|does not exist/
  },
  {
    isEarly: true,
    kind: "unavailable",
    remedy: "check the network and the remote's address, then try again",
    says: /Could not resolve host|Temporary failure in name resolution|Failed to connect|Connection refused|No route to host|unable to access '|Connection timed out|Network is unreachable|unable to connect to/
  },
  {
    kind: "unavailable",
    remedy: "wait for the other git program to end, or remove the lock file if none runs",
    says: /Unable to create '.*\.lock': File exists/
  },
  {
    kind: "corrupt",
    remedy: "run `git fsck` in it and restore the damaged objects from a clone or a backup",
    says: /is corrupt|corrupt (?:loose )?object|bad object|bad tree object|unable to (?:read|parse|unpack|stream) |inflate:|hash mismatch|sha1 mismatch|missing (?:blob|tree|commit) |object file .* is empty|did not send all necessary objects|bad pack|pack.*(?:is far too short|corrupt|bad offset|not a GIT packfile)|missing necessary objects|not our ref/i
  }
]

const FULL = /No space left on device|Disk quota exceeded|out of disk space/i
const DECORATION = /^(?:remote: )?(?:fatal|error|warning): (?:remote error: )?|^remote:\s*/

/** Git's own words in one line: the first that names a fault, without decoration and secrets. */
export const firstWords = (stderr: string, fits?: RegExp): string => {
  const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== "")
  const line =
    (fits === undefined ? undefined : lines.find((text) => fits.test(text))) ??
    lines.find((text) => /^(?:remote: )?(?:fatal|error): /.test(text)) ??
    lines.at(-1) ??
    "git gave no reason"
  return redact(line.replace(DECORATION, "").trim()).slice(0, 300)
}

const unavailable = (attempt: Attempt, detail: string, remedy: string, mayHaveLanded: boolean, cause: unknown) =>
  new StoreUnavailable({ cause, detail, mayHaveLanded, remedy, store: attempt.store })

/** The same where nothing but a person's doing will help. */
const permanent = (attempt: Attempt, detail: string, remedy: string, cause: unknown) =>
  new StoreUnavailable({ cause, detail, mayHaveLanded: false, permanent: true, remedy, store: attempt.store })

const fullDisk = (attempt: Attempt, failure: GitFailed): StoreUnavailable | undefined => {
  const line = failure.stderr.split("\n").find((text) => FULL.test(text))
  if (line === undefined) return undefined
  return line.startsWith("remote:")
    ? unavailable(attempt, "the remote's disk is full", "free space on the remote, then try again", false, failure)
    : unavailable(attempt, `no space left in ${attempt.directory}`, "free space there, then try again", false, failure)
}

const silence = (attempt: Attempt, failure: GitFailed): StoreUnavailable | undefined => {
  if (failure.reason === "time-out") {
    const detail = `no answer within ${failure.timeoutMillis / 1000} s`
    return unavailable(attempt, detail, attempt.otherwise, attempt.isSent, failure)
  }
  if (failure.reason !== "not-started") return undefined
  const isProgramMissing = /ENOENT/.test(failure.stderr)
  const detail = isProgramMissing ? "the program git was not found" : firstWords(failure.stderr)
  const remedy = isProgramMissing ? "install git and put it on the PATH" : "check --repo and try again"
  return permanent(attempt, detail, remedy, failure)
}

const byRule = (attempt: Attempt, failure: GitFailed): StoreFailure => {
  const rule = RULES.find(({ says }) => says.test(failure.stderr))
  const detail = firstWords(failure.stderr, rule?.says)
  if (rule?.kind === "refused") {
    return new StoreRefused({ cause: failure, detail, remedy: rule.remedy, store: attempt.store })
  }
  if (rule?.kind === "corrupt" && !attempt.isSent) {
    return new StoreCorrupt({ cause: failure, detail, remedy: rule.remedy, store: attempt.store })
  }
  const remedy = rule?.remedy ?? attempt.otherwise
  if (rule?.isPermanent === true) return permanent(attempt, detail, remedy, failure)
  return unavailable(attempt, detail, remedy, attempt.isSent && rule?.isEarly !== true, failure)
}

/** Every failure of this adapter as one of the port's. */
export const storeFailure = (attempt: Attempt, failure: GitFailed | Damaged | NoRoom): StoreFailure => {
  if (failure instanceof Damaged) {
    const remedy = "run `git fsck` in it and restore the damaged objects from a clone or a backup"
    return new StoreCorrupt({ detail: failure.detail, remedy, store: attempt.store })
  }
  if (failure instanceof NoRoom) {
    const isFull = /ENOSPC|EDQUOT/.test(failure.detail)
    const detail = isFull ? `no space left in ${failure.directory}` : `cannot write to ${failure.directory}`
    const remedy = isFull ? "free space there, then try again" : "make it writable, or point TMPDIR elsewhere"
    return unavailable(attempt, detail, remedy, false, failure.detail)
  }
  return silence(attempt, failure) ?? fullDisk(attempt, failure) ?? byRule(attempt, failure)
}
