import type { Paper } from "./Page.ts"

/** All that the command takes from outside its arguments. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  readonly nowMillis: () => number
  readonly random: () => string
  readonly readInput: () => Promise<Uint8Array>
  readonly userName: () => string
  /** Where the text goes. */
  readonly paper: Paper
  /** Shows a person something and asks; `undefined` where nobody is there to answer. Anything but a yes is a no. */
  readonly confirm: ((shown: string, question: string, signal: AbortSignal) => Promise<boolean>) | undefined
  /** Tells a person something now, beside the answer. */
  readonly tell: (text: string) => void
  /** Says something on stderr now, whoever reads it: for what does not end by itself. */
  readonly say: (text: string) => void
  /** Tells a person who waits what for, if it takes long; the answer calls that off. */
  readonly announce: (text: string) => () => void
}
