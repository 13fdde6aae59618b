/** A Worker for tests: runs a check of the contract on one of its D1 databases, or a batch for the server of the API. */
import * as D1BindingMetricsStore from "@batchbrake/adapters-d1/D1BindingMetricsStore"
import { migrate } from "@batchbrake/adapters-d1/migrate"
import { metricsStoreContract } from "@batchbrake/core/testing/MetricsStoreContract"
import * as Effect from "effect/Effect"

type Environment = Readonly<Record<string, D1BindingMetricsStore.D1Binding>>

/** `/check/3`: the third check, on the database DB3. */
const runCheck = async (database: D1BindingMetricsStore.D1Binding, number: number): Promise<Response> => {
  const found = metricsStoreContract[number]
  if (found === undefined) return new Response("there is no such check", { status: 404 })
  const ran = Effect.andThen(
    migrate(D1BindingMetricsStore.databaseOf(database)),
    Effect.provide(found.run, D1BindingMetricsStore.layer(database))
  )
  const ended = await Effect.runPromise(Effect.result(ran))
  return new Response(ended._tag === "Success" ? "kept" : ended.failure.message)
}

/** `/batch/DB3`: the statements of the body as one batch, and what D1 itself answers, `meta` included. */
const runBatch = async (database: D1BindingMetricsStore.D1Binding, request: Request): Promise<Response> => {
  const { batch } = (await request.json()) as { batch: ReadonlyArray<{ sql: string; params?: Array<string> }> }
  try {
    return Response.json(
      await database.batch(batch.map(({ params, sql }) => database.prepare(sql).bind(...(params ?? []))))
    )
  } catch (error) {
    return new Response(error instanceof Error ? error.message : "failed", { status: 400 })
  }
}

/**
 * What workerd calls.
 *
 * @public
 */
export const worker = {
  fetch: (request: Request, environment: Environment): Promise<Response> | Response => {
    const [, verb, name = ""] = new URL(request.url).pathname.split("/")
    const database = environment[verb === "check" ? `DB${name}` : name]
    if (database === undefined) return new Response("there is no such database", { status: 404 })
    return verb === "check" ? runCheck(database, Number(name)) : runBatch(database, request)
  }
}
