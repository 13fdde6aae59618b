/** Real workerd with real D1 databases, offline, for as long as a test file runs. */
import { build } from "esbuild"
import { Log, LogLevel, Miniflare } from "miniflare"

export interface Workerd {
  /** Asks the Worker. */
  readonly ask: (path: string, body?: string) => Promise<{ readonly status: number; readonly text: string }>
  readonly close: () => Promise<void>
}

/** Starts the Worker of contractWorker.ts with so many empty databases: DB0, DB1, … */
export const startWorkerd = async (databases: number): Promise<Workerd> => {
  const { outputFiles } = await build({
    bundle: true,
    conditions: ["workerd", "worker", "browser"],
    format: "esm",
    logLevel: "warning",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2024",
    stdin: {
      contents: 'export { worker as default } from "./contractWorker.ts"',
      resolveDir: import.meta.dirname
    },
    write: false
  })
  const miniflare = new Miniflare({
    cf: false,
    compatibilityDate: "2026-07-01",
    d1Databases: Object.fromEntries(Array.from({ length: databases }, (_, place) => [`DB${place}`, `db-${place}`])),
    host: "127.0.0.1",
    log: new Log(LogLevel.NONE),
    modules: true,
    script: outputFiles[0]?.text ?? ""
  })
  await miniflare.ready
  return {
    ask: async (path, body) => {
      const response = await miniflare.dispatchFetch(
        `http://worker${path}`,
        body === undefined ? {} : { body, method: "POST" }
      )
      return { status: response.status, text: await response.text() }
    },
    close: () => miniflare.dispose()
  }
}
