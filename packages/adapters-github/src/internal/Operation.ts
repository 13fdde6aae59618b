/** What is asked of GitHub, and the least permission that it needs. */
export interface Operation {
  /** For people, after "refused to": `open a pull request`. */
  readonly does: string
  /** As a token's permissions are named: `pull_requests: write`. */
  readonly permission: string
  /** An answer that was lost leaves open whether it happened. */
  readonly writes: boolean
}

export const reading = (does: string, permission: string): Operation => ({ does, permission, writes: false })
export const writing = (does: string, permission: string): Operation => ({ does, permission, writes: true })

/** The part of a writing operation that only looks: an answer that was lost there changed nothing. */
export const lookFor = (operation: Operation): Operation => ({ ...operation, writes: false })
