import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as D1BindingMetricsStore from "@batchbrake/adapters-d1/D1BindingMetricsStore"
import { migrate } from "@batchbrake/adapters-d1/migrate"
import * as Effect from "effect/Effect"
import { InputUnusable } from "../../Failure.ts"
import { type Given, refuse } from "../../Given.ts"
import { reasonOf } from "../../input.ts"
import { homeOf } from "../../metrics.ts"
import { repositoryOf } from "../../place.ts"
import { topOf } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

/** As much of miniflare as is used. It is a peer: who does not serve needs no workerd. */
interface Miniflare {
  readonly ready: Promise<URL>
  readonly getD1Database: (name: string) => Promise<D1BindingMetricsStore.D1Binding>
  readonly dispose: () => Promise<void>
}
interface MiniflareModule {
  readonly Miniflare: new (options: object) => Miniflare
}

const PORT = 8787
const TOKENS = ["WRITE_TOKEN", "WRITE_TOKEN_NEXT", "READ_TOKEN", "READ_TOKEN_NEXT"]
const COMPATIBILITY_DATE = "2026-07-01"

const refused = (message: string): InputUnusable => new InputUnusable({ code: "refused", message })

/** From beside the command, or from the repository that it works in. */
const loadMiniflare = (given: Given, world: World): Effect.Effect<MiniflareModule, InputUnusable> => {
  const places = [import.meta.url, join(topOf(repositoryOf(given, world)), "package.json")]
  const found = places.flatMap((place): ReadonlyArray<MiniflareModule> => {
    try {
      return [createRequire(place)("miniflare")]
    } catch {
      return []
    }
  })
  const [first] = found
  return first === undefined
    ? Effect.fail(
        refused("serving needs workerd: `npm install --save-dev miniflare@4` brings it, here or beside batchbrake")
      )
    : Effect.succeed(first)
}

/** Beside the bundled command, or where a build puts it beside the sources. */
const WORKER_PLACES = ["../worker/worker.mjs", "../../../../dist/worker/worker.mjs"]

const workerText = Effect.suspend(() => {
  const path = WORKER_PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync)
  return path === undefined
    ? Effect.fail(refused("the Worker is not built: `npm run build` builds it"))
    : Effect.succeed(readFileSync(path, "utf8"))
})

const portOf = (given: Given): Effect.Effect<number, InputUnusable> => {
  const stated = given.text("port") ?? String(PORT)
  return /^\d{1,5}$/.test(stated) && Number(stated) < 65_536
    ? Effect.succeed(Number(stated))
    : refuse(`--port: found ${JSON.stringify(stated)}, expected a whole number from 0 to 65535`)
}

const tokensOf = ({ environment }: World): Effect.Effect<Readonly<Record<string, string>>, InputUnusable> => {
  const tokens = TOKENS.flatMap((name): ReadonlyArray<[string, string]> => {
    const token = environment[`BATCHBRAKE_${name}`]
    return token === undefined || token === "" ? [] : [[name, token]]
  })
  return tokens.length > 0
    ? Effect.succeed(Object.fromEntries(tokens))
    : refuse(
        "no token is set, so nobody could write or read: set BATCHBRAKE_WRITE_TOKEN and BATCHBRAKE_READ_TOKEN, 22 characters or more each (`openssl rand -hex 24`)"
      )
}

const run = Effect.fn("metrics serve")(function* (given: Given, world: World) {
  const port = yield* portOf(given)
  const bindings = yield* tokensOf(world)
  const home = yield* homeOf(given, world)
  const script = yield* workerText
  const { Miniflare } = yield* loadMiniflare(given, world)
  const options = {
    bindings,
    cf: false,
    compatibilityDate: COMPATIBILITY_DATE,
    d1Databases: { METRICS: "metrics" },
    d1Persist: join(home, "worker"),
    host: "127.0.0.1",
    modules: true,
    port,
    script
  }
  const failed = (cause: unknown): InputUnusable => refused(`workerd cannot be started: ${reasonOf(cause)}`)
  const started = Effect.tryPromise({
    catch: failed,
    try: async () => {
      const server = new Miniflare(options)
      const url = await server.ready
      return { server, url }
    }
  })
  const { server, url } = yield* Effect.acquireRelease(started, ({ server: running }) =>
    Effect.promise(() => running.dispose())
  )
  const binding = yield* Effect.tryPromise({ catch: failed, try: () => server.getD1Database("METRICS") })
  yield* migrate(D1BindingMetricsStore.databaseOf(binding))
  world.say(`serving ${url.origin}; Ctrl-C ends it`)
  return yield* Effect.never
}, Effect.scoped)

export const serve: Verb = {
  description:
    "Run the Worker on this machine, for this machine only, on a D1 database of its own. It needs miniflare, and tokens in the environment.",
  examples: ["batchbrake metrics serve --port 8787"],
  options: { port: { help: "where to listen on 127.0.0.1 (default: 8787; 0 for any)", type: "string", value: "N" } },
  run,
  takesNames: false,
  usage: "[--port N]"
}
