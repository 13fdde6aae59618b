/** The batches as the control branch has them: what may be believed of its files, and what changes in them. */
import * as Result from "effect/Result"
import * as Fault from "../json/Fault.ts"
import { type EpochMillis, formatDate } from "../time/Instant.ts"
import * as Aliases from "./Aliases.ts"
import * as BatchId from "./BatchId.ts"
import * as DayLedger from "./DayLedger.ts"
import * as Manifest from "./Manifest.ts"
import { type Refusal, refusal } from "./Refusal.ts"

/** Files of the control branch, by path. */
export type Files = ReadonlyMap<string, string>

/** The files that say everything of one batch. */
export const filesOf = (id: string): ReadonlyArray<string> => [
  Manifest.pathOf(id),
  DayLedger.pathOf(BatchId.dateOf(id)),
  Aliases.PATH
]

const ledgerOf = (files: Files, date: string): Result.Result<ReadonlyArray<DayLedger.LedgerLine>, Refusal> =>
  Result.mapError(DayLedger.parse(date, files.get(DayLedger.pathOf(date)) ?? ""), (line) =>
    refusal(
      "manifest-unreadable",
      `line ${line} of ${DayLedger.pathOf(date)} cannot be read: revert the commit of the control branch that broke it`
    )
  )

export const aliasesOf = (files: Files): Result.Result<Aliases.Aliases, Refusal> =>
  Result.mapError(Aliases.parse(files.get(Aliases.PATH)), (faults) =>
    refusal("manifest-unreadable", `${Aliases.PATH} cannot be read: ${Fault.printAll(faults)}; revert what broke it`)
  )

const checked = (id: string, text: string | undefined, digest: string | undefined): Result.Result<string, Refusal> => {
  const path = Manifest.pathOf(id)
  if (digest === undefined) {
    return Result.fail(
      text === undefined
        ? refusal("unknown-batch", `there is no batch ${id}`)
        : refusal("never-allocated", `${path} is there, and no event ever gave out ${id}: the manifest is refused`)
    )
  }
  if (text === undefined) {
    return Result.fail(
      refusal("manifest-missing", `${id} was given out, and ${path} is gone: revert the commit that removed it`)
    )
  }
  return Manifest.digestOf(text) === digest
    ? Result.succeed(text)
    : Result.fail(
        refusal(
          "edited-by-hand",
          `${path} is not as the last event on ${id} left it: it was edited by hand and is refused; revert that edit`
        )
      )
}

type Ledger = ReturnType<typeof ledgerOf>

const manifestBy = (ledger: Ledger, files: Files, id: string): Result.Result<Manifest.Manifest, Refusal> =>
  Result.flatMap(ledger, (lines) =>
    Result.flatMap(checked(id, files.get(Manifest.pathOf(id)), DayLedger.digestFor(lines, id)), (text) =>
      Result.mapError(Manifest.parse(id, text), (faults) =>
        refusal("manifest-unreadable", `${Manifest.pathOf(id)} cannot be read: ${Fault.printAll(faults)}`)
      )
    )
  )

/** The manifest of an ID, held against the ledger of its day. Files as {@link filesOf} names them. */
export const manifestIn = (files: Files, id: string): Result.Result<Manifest.Manifest, Refusal> =>
  manifestBy(ledgerOf(files, BatchId.dateOf(id)), files, id)

/** Whether an event ever gave out an ID. */
export const isAllocated = (files: Files, id: string): boolean =>
  Result.match(ledgerOf(files, BatchId.dateOf(id)), {
    // Of a ledger that cannot be read nothing is known: reading the manifest then says what is wrong.
    onFailure: () => true,
    onSuccess: (lines) => DayLedger.digestFor(lines, id) !== undefined
  })

/** Every ID that a ledger or a manifest names, oldest first. */
export const idsIn = (files: Files): ReadonlyArray<string> => {
  const ids = new Set<string>()
  for (const [path, text] of files) {
    const id = Manifest.idAt(path)
    if (id !== undefined) ids.add(id)
    const day = /^manifests\/([0-9]{4})\/([0-9]{2})\/([0-9]{2})\/ledger\.jsonl$/.exec(path)
    const lines = day === null ? undefined : DayLedger.parse(day.slice(1).join("-"), text)
    if (lines !== undefined && Result.isSuccess(lines)) for (const { batch } of lines.success) ids.add(batch)
  }
  return [...ids].sort(BatchId.byAge)
}

const readEach = (files: Files, ids: ReadonlyArray<string>) => {
  const ledgers = new Map<string, Ledger>()
  const ofDay = (date: string): Ledger => {
    const ledger = ledgers.get(date) ?? ledgerOf(files, date)
    ledgers.set(date, ledger)
    return ledger
  }
  return ids.map((id) => ({ id, manifest: manifestBy(ofDay(BatchId.dateOf(id)), files, id) }))
}

/** All batches of the files, oldest first, and those that are refused with why. */
export const all = (files: Files) => {
  const read = readEach(files, idsIn(files))
  return {
    manifests: read.flatMap(({ manifest }) => (Result.isSuccess(manifest) ? [manifest.success] : [])),
    refused: read.flatMap(({ id, manifest }) => (Result.isFailure(manifest) ? [{ id, ...manifest.failure }] : []))
  }
}

/** A path as the text of a manifest names it. */
const NAMED_PATH = /"path": ("(?:[^"\\]|\\.)*")/g

/**
 * The batches that name one of some paths, oldest first. Only those are decoded and checked: of thousands of manifests
 * most have nothing to do with a question. A manifest that is not as an event wrote it is not in the answer.
 */
export const naming = (files: Files, paths: ReadonlySet<string>): ReadonlyArray<Manifest.Manifest> => {
  const wanted = new Set([...paths].map((path) => JSON.stringify(path)))
  const ids = [...files].flatMap(([at, text]) => {
    const id = Manifest.idAt(at)
    if (id === undefined) return []
    for (const [, path = ""] of text.matchAll(NAMED_PATH)) if (wanted.has(path)) return [id]
    return []
  })
  const read = readEach(files, ids.sort(BatchId.byAge))
  return read.flatMap(({ manifest }) => (Result.isSuccess(manifest) ? [manifest.success] : []))
}

/**
 * The next IDs of a day. What a ledger, a manifest or an alias names is taken: an older name that looks like an ID is
 * never given out as one.
 */
export const allocate = (
  files: Files,
  aliases: Aliases.Aliases,
  date: string,
  count: number
): Result.Result<ReadonlyArray<string>, Refusal> =>
  Result.map(ledgerOf(files, date), () => BatchId.following([...idsIn(files), ...aliases.keys()], date, count))

/** One event's manifest, about to be written. */
export interface Written {
  readonly manifest: Manifest.Manifest
  readonly event: string
  readonly nonce: string
  readonly at: EpochMillis
}

/** The files that change when manifests are written: each of them, and the ledgers of their days. */
export const changes = (files: Files, written: ReadonlyArray<Written>): ReadonlyMap<string, string> => {
  const changed = new Map<string, string>()
  for (const { at, event, manifest, nonce } of written) {
    const text = Manifest.encode(manifest)
    const ledger = DayLedger.pathOf(BatchId.dateOf(manifest.id))
    const line = DayLedger.print({ at, batch: manifest.id, digest: Manifest.digestOf(text), event, nonce })
    changed.set(Manifest.pathOf(manifest.id), text)
    changed.set(ledger, `${changed.get(ledger) ?? files.get(ledger) ?? ""}${line}`)
  }
  return changed
}

/** The UTC date on which something happened, as IDs have it. */
export const dateAt = (at: EpochMillis): string => formatDate(at)
