/**
 * The spool as files, one a report: written beside their place, forced to disk and renamed, so that a crash leaves an
 * entry whole or not at all. Any number of processes may write and drain it at once.
 */
import { randomUUID } from "node:crypto"
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import * as Sha256 from "@batchbrake/core/hash/Sha256"
import { printAll } from "@batchbrake/core/json/Fault"
import { Spool, SpoolUnusable, type Waiting } from "@batchbrake/core/port/Spool"
import type { RunReport } from "@batchbrake/core/sli/RunReport"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

export interface Options {
  /** The directory; made with the first entry. */
  readonly directory: string
  /** For people; the directory where nothing else is said. */
  readonly name?: string
  readonly mostFiles?: number
  readonly mostBytes?: number
}

const MOST_FILES = 1000
const MOST_BYTES = 64 * 2 ** 20
/** Entries that one draining step reads. */
const STEP_FILES = 50
const STEP_BYTES = 8 * 2 ** 20
/** A draft that is older than this was left behind by a process that died. */
const STALE_MILLIS = 3_600_000

const ENDING = ".json"
const DRAFT = ".draft-"
const ASIDE = "set-aside"

const isEntry = (name: string): boolean => name.endsWith(ENDING) && !name.startsWith(".")

const namesIn = (directory: string): ReadonlyArray<string> =>
  existsSync(directory) ? readdirSync(directory).sort() : []

/** The entry itself: what a link leads to is none. `undefined` for one that another process has just taken away. */
const entryAt = (path: string) => lstatSync(path, { throwIfNoEntry: false })
const bytesOf = (path: string): number => entryAt(path)?.size ?? 0

/** The same run says the same: one entry. Another content under its key is another entry, which the store will judge. */
const nameOf = (report: RunReport): string =>
  `${Sha256.hex(`${report.ecosystem} ${report.runKey}`).slice(0, 32)}-${RunReportJson.digestOf(report)}${ENDING}`

const force = (path: string): void => {
  const file = openSync(path, "r")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const writeWhole = (directory: string, name: string, text: string): void => {
  const draft = join(directory, `${DRAFT}${randomUUID()}`)
  try {
    const file = openSync(draft, "wx")
    try {
      const bytes = Buffer.from(text)
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, join(directory, name))
  } catch (cause) {
    rmSync(draft, { force: true })
    throw cause
  }
  // The name is the directory's; without this a power cut may take it. Not every system lets one.
  if (process.platform !== "win32") force(directory)
}

const sweep = (directory: string, names: ReadonlyArray<string>, now: number): void => {
  for (const name of names.filter((each) => each.startsWith(DRAFT))) {
    const path = join(directory, name)
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (changed !== undefined && changed < now - STALE_MILLIS) rmSync(path, { force: true })
  }
}

/** Answers why not, where it has no room. */
const add = (
  { directory, mostBytes = MOST_BYTES, mostFiles = MOST_FILES }: Options,
  report: RunReport,
  now: number
) => {
  const [name, text] = [nameOf(report), `${JSON.stringify(RunReportJson.toJson(report))}\n`]
  mkdirSync(directory, { recursive: true })
  const names = namesIn(directory)
  if (names.includes(name)) return undefined
  sweep(directory, names, now)
  const entries = names.filter(isEntry)
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(join(directory, entry)), 0)
  if (entries.length >= mostFiles || bytes + Buffer.byteLength(text) > mostBytes)
    return `it is full: ${entries.length} reports of ${bytes} bytes wait, of at most ${mostFiles} and ${mostBytes}`
  writeWhole(directory, name, text)
  return undefined
}

const read = (path: string, bytes: number): Result.Result<RunReport, string> => {
  if (entryAt(path)?.isFile() === false) return Result.fail("it is no file, or a link to one")
  if (bytes > MOST_BYTES) return Result.fail(`it has ${bytes} bytes, more than ${MOST_BYTES}`)
  return Result.mapError(RunReportJson.parse(readFileSync(path, "utf8")), (faults) => printAll(faults.slice(0, 3)))
}

const waiting = (directory: string, after: string | undefined): ReadonlyArray<Waiting> => {
  const entries: Array<Waiting> = []
  let bytes = 0
  for (const id of namesIn(directory).filter((name) => isEntry(name) && (after === undefined || name > after))) {
    const path = join(directory, id)
    const size = bytesOf(path)
    if (entries.length === STEP_FILES || (entries.length > 0 && bytes + size > STEP_BYTES)) break
    bytes += size
    try {
      entries.push({ id, report: read(path, size) })
    } catch (cause) {
      // Another process was faster. Anything else is this entry's own fault, and must not stop the others.
      if (entryAt(path) !== undefined) entries.push({ id, report: Result.fail(String(cause)) })
    }
  }
  return entries
}

/** Removes the oldest of what was set aside beyond the bounds; answers how many. */
const trim = (aside: string, { mostBytes = MOST_BYTES, mostFiles = MOST_FILES }: Options): number => {
  const newest = namesIn(aside)
    .filter(isEntry)
    .map((name) => ({ at: entryAt(join(aside, name))?.ctimeMs ?? 0, bytes: bytesOf(join(aside, name)), name }))
    .sort((left, right) => right.at - left.at || (left.name < right.name ? 1 : -1))
  let bytes = 0
  const old = newest.filter((entry, place) => {
    bytes += entry.bytes
    return place >= mostFiles || bytes > mostBytes
  })
  for (const { name } of old) {
    rmSync(join(aside, name), { force: true, recursive: true })
    rmSync(join(aside, `${name}.reason`), { force: true })
  }
  return old.length
}

const setAside = (directory: string, id: string, reason: string): void => {
  const aside = join(directory, ASIDE)
  mkdirSync(aside, { recursive: true })
  if (entryAt(join(directory, id)) === undefined) return
  writeWhole(aside, `${id}.reason`, `${reason}\n`)
  try {
    renameSync(join(directory, id), join(aside, id))
  } catch (cause) {
    // Another process was faster.
    if (entryAt(join(directory, id)) !== undefined) throw cause
  }
}

const serviceOf = (options: Options): Spool["Service"] => {
  const { directory, name = directory } = options
  const unusable = (cause: unknown): SpoolUnusable =>
    new SpoolUnusable({ cause, detail: cause instanceof Error ? cause.message : String(cause), spool: name })
  const attempt = <A>(work: () => A): Effect.Effect<A, SpoolUnusable> => Effect.try({ catch: unusable, try: work })
  return {
    add: (report) =>
      Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => attempt(() => add(options, report, now))),
        Effect.flatMap((full) =>
          full === undefined ? Effect.void : Effect.fail(new SpoolUnusable({ detail: full, spool: name }))
        )
      ),
    count: attempt(() => namesIn(directory).filter(isEntry).length),
    name,
    remove: (ids) =>
      attempt(() => {
        for (const id of ids) rmSync(join(directory, id), { force: true })
      }),
    setAside: (entries) =>
      attempt(() => {
        for (const { id, reason } of entries) setAside(directory, id, reason)
        return entries.length === 0 ? 0 : trim(join(directory, ASIDE), options)
      }),
    waiting: (after) => attempt(() => waiting(directory, after))
  }
}

export const layer = (options: Options): Layer.Layer<Spool> => Layer.sync(Spool, () => serviceOf(options))
