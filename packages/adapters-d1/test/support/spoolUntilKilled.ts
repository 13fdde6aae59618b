/** A process of its own that adds one report after another to a spool, says when it has begun, and goes on until killed. */
import * as FileSpool from "@batchbrake/adapters-d1/FileSpool"
import { Spool } from "@batchbrake/core/port/Spool"
import { MIDNIGHT, report, result } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"

const results = Array.from({ length: 2000 }, (_, place) => result(`recipes/${place}`, "passed"))
const attempts = { failed: 0, passed: results.length, skipped: 0 }
await Effect.runPromise(
  Spool.use((spool) =>
    Effect.forEach(
      Array.from({ length: 900 }, (_, place) => report(`run-${place}`, MIDNIGHT, { attempts, results })),
      (each, place) =>
        Effect.andThen(
          spool.add(each),
          Effect.sync(() => (place === 20 ? process.stdout.write("begun\n") : undefined))
        )
    )
  ).pipe(
    Effect.andThen(Effect.never),
    Effect.provide(FileSpool.layer({ directory: process.argv[2] ?? "", mostBytes: 2 ** 40 }))
  )
)
