/** All that the command takes from outside its arguments. Tests hand in another one. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directory: string
  readonly nowMillis: () => number
  readonly random: () => string
  readonly readInput: () => Promise<string>
  readonly isTerminal: boolean
  readonly userName: () => string
}
