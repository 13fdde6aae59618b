/** The last counted attempts of one ecosystem as text, oldest first: `P` passed, `F` failed. */

const FAILED = 70 // "F"

export const countFailures = (window: string): number => {
  let failures = 0
  for (let index = 0; index < window.length; index++) if (window.charCodeAt(index) === FAILED) failures++
  return failures
}

/** The window that a breaker stands on. A published file has none and gets one of `min(failures, size)` failures. */
export const of = (window: string | undefined, failures: number, size: number): string =>
  window ?? "F".repeat(Math.min(failures, size))

/** Adds one attempt; of a full window, or of one longer than the policy's size, the oldest go. */
export const push = (window: string, outcome: "P" | "F", size: number): string =>
  (window.length < size ? window : window.slice(window.length - size + 1)) + outcome

/** Success rate strictly below the threshold, once there are enough attempts. Integers only, so exact at the line. */
export const trips = (
  length: number,
  failures: number,
  minimumAttempts: number,
  thresholdMillionths: number
): boolean => length >= minimumAttempts && (length - failures) * 1_000_000 < length * thresholdMillionths
