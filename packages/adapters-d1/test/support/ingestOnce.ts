/** A process of its own that hands the sample runs to a file, from a place in their list on, and prints what became of them. */
import * as SqliteMetricsStore from "@batchbrake/adapters-d1/SqliteMetricsStore"
import { MetricsStore } from "@batchbrake/core/port/MetricsStore"
import { MANY } from "@batchbrake/core/testing/SampleRuns"
import * as Effect from "effect/Effect"

const [file = "", place = "0"] = process.argv.slice(2)
const runs = [...MANY.slice(Number(place)), ...MANY.slice(0, Number(place))]
const answers = await Effect.runPromise(
  MetricsStore.use((store) => Effect.forEach(runs, (run) => store.ingest([run]))).pipe(
    Effect.provide(SqliteMetricsStore.layer({ file, waitMillis: 20_000 }))
  )
)
console.log(JSON.stringify(answers.flat()))
