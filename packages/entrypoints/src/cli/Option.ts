/** One option of a verb. */
export interface Option {
  readonly type: "boolean" | "string"
  readonly multiple?: boolean
  /** What stands for the value in the help. */
  readonly value?: string
  readonly help: string
}

/** What may stand on a verb's command line. */
export interface Accepted {
  readonly options: Readonly<Record<string, Option>>
  /** Whether words that are not options are allowed. */
  readonly takesNames: boolean
}
