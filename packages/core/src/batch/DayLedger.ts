/**
 * One day's record of what was written about its batches: `manifests/YYYY/MM/DD/ledger.jsonl`, a line an event. It is
 * how IDs are given out, and what a manifest is held against: a text that the newest line of its ID does not name was
 * edited by hand.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeWith, parseText } from "../json/Fault.ts"
import type { EpochMillis } from "../time/Instant.ts"
import * as BatchId from "./BatchId.ts"
import { directoryOf } from "./Manifest.ts"

/** What one event left behind: `[batch, event, digest of the manifest after it, nonce, at]`. */
export interface LedgerLine {
  readonly batch: string
  readonly event: string
  readonly digest: string
  /** Names the writer: two that write the same are told apart. */
  readonly nonce: string
  readonly at: EpochMillis
}

const Shape = Schema.Tuple([
  Schema.String.check(Schema.makeFilter((text: string) => BatchId.isBatchId(text), { expected: "a batch ID" })),
  Schema.NonEmptyString,
  Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u)),
  Schema.String,
  Schema.Int
])
const decode = decodeWith(Shape, "closed")

/** Where the ledger of a day stands. */
export const pathOf = (date: string): string => `${directoryOf(date)}/ledger.jsonl`

export const print = ({ at, batch, digest, event, nonce }: LedgerLine): string =>
  `${JSON.stringify([batch, event, digest, nonce, at])}\n`

/** The lines of a day; fails with the number of the first line that is none, or that is of another day. */
export const parse = (date: string, text: string): Result.Result<ReadonlyArray<LedgerLine>, number> => {
  const lines: Array<LedgerLine> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue
    const read = Result.flatMap(parseText(line), decode)
    if (Result.isFailure(read)) return Result.fail(index + 1)
    const [batch, event, digest, nonce, at] = read.success
    if (BatchId.dateOf(batch) !== date) return Result.fail(index + 1)
    lines.push({ at, batch, digest, event, nonce })
  }
  return Result.succeed(lines)
}

/** The digest that the manifest of an ID must have; `undefined` for an ID that was never given out. */
export const digestFor = (lines: ReadonlyArray<LedgerLine>, id: string): string | undefined =>
  lines.findLast(({ batch }) => batch === id)?.digest
