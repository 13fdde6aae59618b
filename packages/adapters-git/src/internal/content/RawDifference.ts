/** Reads what `git diff-tree -r -z --raw --no-abbrev` writes, as it comes. */
import { isUtf8 } from "node:buffer"
import type { PathChange, TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import type { TreeDifference } from "@batchbrake/core/port/ContentRepository"

/** One path of a difference. */
export interface RawChange extends PathChange {
  /** Whether a batch may hold it: blobs only, under a path that is text. */
  readonly isPlain: boolean
}

const NOTHING = "000000"
const FOREIGN_COMMIT = "160000"

/** A path for people, as git quotes it: bytes that are no ASCII as octal numbers. */
const quoted = (bytes: Buffer): string => {
  const letters = [...bytes].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte)
  )
  return `"${letters.join("")}"`
}

const entryOf = (mode: string, blob: string): TreeEntry | undefined => (mode === NOTHING ? undefined : { blob, mode })

const changeOf = (head: string, path: Buffer): RawChange => {
  const [modeBefore = "", modeAfter = "", before = "", after = ""] = head.slice(1).split(" ")
  const isText = isUtf8(path)
  return {
    after: entryOf(modeAfter, after),
    before: entryOf(modeBefore, before),
    isPlain: isText && modeBefore !== FOREIGN_COMMIT && modeAfter !== FOREIGN_COMMIT,
    path: isText ? path.toString("utf8") : quoted(path)
  }
}

const COLON = 0x3a

/**
 * A reader of the output's pieces, in order. It hands each change on with the commit that it is of (`""` when only one
 * difference was asked for), and answers false as soon as `accept` does.
 */
export const openParser = (accept: (commit: string, change: RawChange) => boolean): ((piece: Buffer) => boolean) => {
  let rest: Buffer = Buffer.alloc(0)
  let commit = ""
  let head: string | undefined
  return (piece) => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let at = 0
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, at)) {
      const word = bytes.subarray(at, end)
      at = end + 1
      if (head !== undefined) {
        if (!accept(commit, changeOf(head, word))) return false
        head = undefined
      } else if (word[0] === COLON) head = word.toString("latin1")
      else commit = word.toString("latin1")
    }
    rest = bytes.subarray(at)
    return true
  }
}

/** The changes of one difference, sorted into those that a batch may hold and the names of the others. */
export const differenceOf = (changes: ReadonlyArray<RawChange>): TreeDifference => ({
  changes: changes.flatMap(({ after, before, isPlain, path }) => (isPlain ? [{ after, before, path }] : [])),
  notBlobs: changes.flatMap(({ isPlain, path }) => (isPlain ? [] : [path]))
})
