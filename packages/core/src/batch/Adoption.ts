/** Which commits of the content branch were batches before there were manifests, and under which names people know them. */
import { isName } from "../json/Field.ts"
import * as RollbackMessage from "./RollbackMessage.ts"

/** How such commits are told. */
export type Criterion =
  /** By their subject; groups named `alias` and `ecosystem` say what they caught. */
  | { readonly _tag: "Subject"; readonly pattern: RegExp }
  /** By a trailer of their last paragraph, exactly this key; its value is an alias. */
  | { readonly _tag: "Trailer"; readonly key: string }
  /** One by one. */
  | { readonly _tag: "Commits"; readonly commits: ReadonlyArray<string> }

/** What a commit says of the batch that it was. */
export interface Recognised {
  readonly aliases: ReadonlyArray<string>
  readonly ecosystems: ReadonlyArray<string>
}

interface Commit {
  readonly id: string
  readonly subject: string
  readonly message: string
}

const trailersOf = (message: string, key: string): ReadonlyArray<string> =>
  (
    message
      .trimEnd()
      .split(/\n[ \t]*\n/)
      .at(-1) ?? ""
  )
    .split("\n")
    .flatMap((line) => (line.startsWith(`${key}:`) ? [line.slice(key.length + 1).trim()] : []))
    .filter((value) => value !== "")

const found = (criterion: Criterion, commit: Commit): Recognised | undefined => {
  if (criterion._tag === "Commits") {
    return criterion.commits.includes(commit.id) ? { aliases: [], ecosystems: [] } : undefined
  }
  if (criterion._tag === "Trailer") {
    const aliases = trailersOf(commit.message, criterion.key)
    return aliases.length === 0 ? undefined : { aliases, ecosystems: [] }
  }
  // A pattern of its own each time: one that remembers where it stopped would take every other commit.
  const match = new RegExp(criterion.pattern).exec(commit.subject)
  if (match === null) return undefined
  const { alias, ecosystem } = match.groups ?? {}
  return {
    aliases: alias === undefined || alias === "" ? [] : [alias],
    ecosystems: ecosystem === undefined || !isName(ecosystem) ? [] : [ecosystem]
  }
}

/** The ecosystem that an older name of the style `2026-02-06-homebrew` speaks of. */
const ecosystemIn = (alias: string): ReadonlyArray<string> => {
  const rest = /^[0-9]{4}-[0-9]{2}-[0-9]{2}-(.+)$/.exec(alias)?.[1]
  return rest === undefined || /^[0-9]+$/.test(rest) || !isName(rest) ? [] : [rest]
}

/** What a commit is recognised as; `undefined`: as no batch. A rollback never is one. */
export const recognise = (criterion: Criterion, commit: Commit): Recognised | undefined => {
  if (RollbackMessage.isRollback(commit.message)) return undefined
  const recognised = found(criterion, commit)
  if (recognised === undefined || recognised.ecosystems.length > 0) return recognised
  return { ...recognised, ecosystems: [...new Set(recognised.aliases.flatMap(ecosystemIn))].sort() }
}
