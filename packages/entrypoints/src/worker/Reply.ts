import { type Fault, printAll } from "@batchbrake/core/json/Fault"
import type { JsonObject } from "@batchbrake/core/json/Json"

const HEADERS = {
  "cache-control": "no-store",
  "content-type": "application/json; charset=utf-8",
  "x-content-type-options": "nosniff"
}

/** One JSON document, and nothing that a cache may keep. */
export const json = (status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(`${JSON.stringify(body)}\n`, { headers: { ...HEADERS, ...headers }, status })

/** `{ error: { code, message } }`, as the command has it. */
export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {}
): Response => json(status, { error: { code, message } }, headers)

const SHOWN = 10

/** What is wrong with what was sent, each with its path. */
export const faulty = (faults: ReadonlyArray<Fault>): Response => {
  const shown = faults.slice(0, SHOWN)
  const more = faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : ""
  return json(400, {
    error: {
      code: "invalid",
      faults: shown.map(({ expected, found, path }) => ({ expected, found, path })),
      message: `${printAll(shown)}${more}; nothing was stored`
    }
  })
}
