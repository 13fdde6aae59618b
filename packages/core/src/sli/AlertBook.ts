/**
 * What is remembered between two looks: the alerts that stand, what nobody could be told yet, and when breakers were seen
 * to close. One line of canonical JSON in the metrics store, written by compare-and-swap.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { BreakerState } from "../breaker/BreakerState.ts"
import * as Sha256 from "../hash/Sha256.ts"
import { decodeWith, type Fault, parseText } from "../json/Fault.ts"
import { Name } from "../json/Field.ts"
import { type Json, print } from "../json/Json.ts"
import { DAY, type EpochMillis, MINUTE } from "../time/Instant.ts"
import type { Change } from "./Alert.ts"
import * as Alert from "./Alert.ts"
import * as AlertLine from "./AlertLine.ts"
import { closingsOf, FLAPPING_MILLIS } from "./controlSignals.ts"

const ChangeLine = Schema.Struct({
  transition: Schema.Literals(["opened", "updated", "resolved"]),
  at: Schema.Int,
  alert: AlertLine.AlertLine
})
const BookFile = Schema.Struct({
  version: Schema.Literal(1),
  evaluated_at: Schema.Int,
  alerts: Schema.Array(AlertLine.AlertLine),
  undelivered: Schema.Array(ChangeLine),
  /** IDs among the undelivered. */
  perhaps_heard: Schema.optionalKey(Schema.Array(Schema.String)),
  closings: Schema.Record(Name, Schema.Array(Schema.Int)),
  /** The beginning of an earlier book that could not be read. */
  set_aside: Schema.optionalKey(Schema.String)
})

export interface Book {
  /** The time of the newest look; `undefined` before the first. */
  readonly evaluatedAt: EpochMillis | undefined
  readonly alerts: ReadonlyArray<Alert.Alert>
  /** Changes that the notifier has not taken yet, oldest first. */
  readonly undelivered: ReadonlyArray<Change>
  /** IDs of those among them whose telling began and was not refused: an answer was late, or whoever told them is gone. */
  readonly perhapsHeard: ReadonlyArray<string>
  /** By ecosystem: when its breaker was seen to have closed, within the last day of looks. */
  readonly closings: Readonly<Record<string, ReadonlyArray<EpochMillis>>>
  readonly setAside: string | undefined
}

export const empty: Book = {
  alerts: [],
  closings: {},
  evaluatedAt: undefined,
  perhapsHeard: [],
  setAside: undefined,
  undelivered: []
}

const MOST_UNDELIVERED = 200
const LONGEST_SET_ASIDE = 2000

/** Equal books give equal text. */
export const encode = (book: Book): string => {
  const file = {
    alerts: book.alerts.map(AlertLine.encode),
    closings: book.closings,
    evaluated_at: book.evaluatedAt ?? 0,
    ...(book.perhapsHeard.length === 0 ? {} : { perhaps_heard: [...book.perhapsHeard] }),
    ...(book.setAside === undefined ? {} : { set_aside: book.setAside }),
    undelivered: book.undelivered.slice(-MOST_UNDELIVERED).map((change) => ({
      alert: AlertLine.encode(change.alert),
      at: change.at,
      transition: change.transition
    })),
    version: 1
  } satisfies Json
  return print(file)
}

const decode = decodeWith(BookFile, "closed")

/** Reads a book; an empty text is an empty book. */
export const parse = (text: string): Result.Result<Book, ReadonlyArray<Fault>> =>
  text === ""
    ? Result.succeed(empty)
    : Result.map(Result.flatMap(parseText(text), decode), (file) => ({
        alerts: file.alerts.map(AlertLine.decode),
        closings: file.closings,
        evaluatedAt: file.evaluated_at,
        perhapsHeard: file.perhaps_heard ?? [],
        setAside: file.set_aside,
        undelivered: file.undelivered.map((change) => ({ ...change, alert: AlertLine.decode(change.alert) }))
      }))

/** A book in place of one that cannot be read, whose beginning it keeps for people to look at. */
export const inPlaceOf = (unreadable: string): Book => ({
  ...empty,
  setAside: unreadable.slice(0, LONGEST_SET_ASIDE)
})

/** An empty book with what is remembered elsewhere; a book that knows of a look is left as it is. */
export const remembering = (book: Book, alerts: ReadonlyArray<Alert.Alert>): Book =>
  book.evaluatedAt === undefined ? { ...book, alerts } : book

/** The breakers' closings that are still of the last day, those of this look and of the log added. */
export const withClosings = (
  closings: Book["closings"],
  breakers: Readonly<Record<string, Pick<BreakerState, "closedAt">>>,
  at: EpochMillis,
  logged: Book["closings"] = {}
): Book["closings"] =>
  Object.fromEntries(
    [...new Set([...Object.keys(closings), ...Object.keys(breakers)])]
      .sort()
      .map((ecosystem) => {
        const closedAt = Object.hasOwn(breakers, ecosystem) ? breakers[ecosystem]?.closedAt : undefined
        const known = [...closingsOf(closings, ecosystem), ...closingsOf(logged, ecosystem)]
        const seen = closedAt === undefined ? known : [...known, closedAt]
        const recent = [...new Set(seen)].filter((closing) => closing > at - FLAPPING_MILLIS)
        return [ecosystem, recent.sort((left, right) => left - right)] as const
      })
      .filter(([, recent]) => recent.length > 0)
  )

const ID_DIGITS = 32

/** Identifies a change wherever it is told: the same one told twice has one ID. */
export const idOf = ({ alert, at, transition }: Change): string =>
  Sha256.hex(print([Alert.keyOf(alert), alert.openedAt, alert.severity, transition, at])).slice(0, ID_DIGITS)

/** What came of telling: IDs that were taken, and IDs that nobody can have heard. */
export interface Outcome {
  readonly told: ReadonlySet<string>
  readonly unheard: ReadonlySet<string>
}

/** A book without changes that have been told. */
export const withOutcome = (book: Book, { told, unheard }: Outcome): Book => ({
  ...book,
  perhapsHeard: book.perhapsHeard.filter((id) => !told.has(id) && !unheard.has(id)),
  undelivered: book.undelivered.filter((change) => !told.has(idOf(change)))
})

/** A book that somebody is about to tell some changes of: if nothing more is known of that, they were perhaps heard. */
export const withBegun = (book: Book, changes: ReadonlyArray<Change>): Book => ({
  ...book,
  perhapsHeard: [...new Set([...book.perhapsHeard, ...changes.map(idOf)])]
})

/**
 * What may be told now, a queue for each alert, oldest first. What somebody else may be about to tell is left to them, and
 * so is all that follows it of the same alert.
 */
export const queuesOf = (
  book: Book,
  fresh: ReadonlySet<string>,
  at: EpochMillis
): ReadonlyArray<ReadonlyArray<Change>> => {
  const queues = new Map<string, Array<Change>>()
  for (const change of book.undelivered) {
    const queue = queues.get(Alert.keyOf(change.alert)) ?? []
    queues.set(Alert.keyOf(change.alert), queue)
    queue.push(change)
  }
  const isDue = (change: Change): boolean => fresh.has(idOf(change)) || at - change.at >= OTHERS_MILLIS
  return [...queues.values()]
    .map((queue) => {
      const first = queue.findIndex((change) => !isDue(change))
      return first < 0 ? queue : queue.slice(0, first)
    })
    .filter((queue) => queue.length > 0)
}

/** How long somebody else may still be about to tell what they wrote. */
export const OTHERS_MILLIS = 2 * MINUTE
/** What nobody could be told for so long is told no more: it would be history. */
const NEWS_MILLIS = DAY

const episodeOf = ({ alert }: Change): string => `${Alert.keyOf(alert)} ${alert.openedAt}`

/**
 * A book with more to tell. Old news goes, and so does what was resolved before anybody can have heard that it opened: an
 * alert that was perhaps heard is told to be over.
 */
export const withNews = (book: Book, changes: ReadonlyArray<Change>, at: EpochMillis): Book => {
  const resolved = new Set(changes.filter(({ transition }) => transition === "resolved").map(episodeOf))
  const perhaps = new Set(book.perhapsHeard)
  const heard = new Set(book.undelivered.filter((change) => perhaps.has(idOf(change))).map(episodeOf))
  const unheard = new Set(
    book.undelivered
      .filter((change) => change.transition === "opened" && at - change.at >= OTHERS_MILLIS)
      .map(episodeOf)
      .filter((episode) => resolved.has(episode) && !heard.has(episode))
  )
  const undelivered = [...book.undelivered, ...changes].filter(
    (change) => at - change.at < NEWS_MILLIS && !unheard.has(episodeOf(change))
  )
  const ids = new Set(undelivered.map(idOf))
  return { ...book, perhapsHeard: book.perhapsHeard.filter((id) => ids.has(id)), undelivered }
}
