/** Git in the user's repository, for a store that has no remote. */
import type { Invocation } from "../GitProgram.ts"

/** Every program here works on a local disk; one that takes longer hangs. */
const TIMEOUT_MILLIS = 30_000

/** No hook of the user's runs, and a writer waits a moment for another's lock. */
const SETTINGS = ["-c", "core.hooksPath=/dev/null", "-c", "core.filesRefLockTimeout=1000"]

export const inRepository = (cwd: string, args: ReadonlyArray<string>, stdin?: Uint8Array): Invocation => ({
  args: [...SETTINGS, ...args],
  cwd,
  timeoutMillis: TIMEOUT_MILLIS,
  ...(stdin === undefined ? {} : { stdin })
})
