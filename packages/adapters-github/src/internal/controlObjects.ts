/** Trees and blobs of the control branch: content is believed when it has the ID that it is asked for by. */
import { createHash } from "node:crypto"
import { CONTROL_PATH, type Wanted } from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import { Texts, textsQuery } from "./controlQueries.ts"
import { reading } from "./Operation.ts"

export const READ = reading("read the control branch", "contents: read")

/** How many texts are asked for in one query, and how many large ones at the same time. */
const AT_ONCE = 50
const LARGE_AT_ONCE = 4

const Tree = Schema.Struct({
  sha: Schema.String,
  tree: Schema.Array(
    Schema.Struct({ mode: Schema.String, path: Schema.String, sha: Schema.String, type: Schema.String })
  ),
  truncated: Schema.Boolean
})
const Blob = Schema.Struct({ content: Schema.String, encoding: Schema.String })

/** The ID that git gives a blob. */
export const blobIdOf = (content: string | Uint8Array): string => {
  const bytes = Buffer.from(content)
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")
}

/** Path -> blob of every ordinary file of a tree. Refused when GitHub answers a part of it only. */
export const readTree = Effect.fn("GitHub.readTree")(function* (client: Client, tree: string) {
  const { tree: entries, truncated } = yield* client.send(READ, {
    answer: Tree,
    isRepeatable: true,
    parameters: { recursive: "1", tree_sha: tree },
    route: "GET /repos/{owner}/{repo}/git/trees/{tree_sha}"
  })
  if (truncated) return yield* client.refuse(READ, "its tree is too large for one answer: read the branch with git")
  return new Map(entries.filter(({ mode }) => mode.startsWith("100")).map(({ path, sha }) => [path, sha] as const))
})

/** A blob by itself: for what is too large for a query, and for what a query does not give back as it is. */
const readBlob = Effect.fn("GitHub.readBlob")(function* (client: Client, blob: string) {
  const { content } = yield* client.send(READ, {
    answer: Blob,
    isRepeatable: true,
    parameters: { file_sha: blob },
    route: "GET /repos/{owner}/{repo}/git/blobs/{file_sha}"
  })
  const bytes = Buffer.from(content, "base64")
  return blobIdOf(bytes) === blob
    ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
    : yield* client.refuse(READ, `blob ${blob} came back as another one`)
})

/** The texts of blobs, by their IDs. */
export const readTexts = Effect.fn("GitHub.readTexts")(function* (
  client: Client,
  place: Readonly<Record<string, unknown>>,
  blobs: ReadonlyArray<string>
) {
  const texts = new Map<string, string>()
  const wanted = [...new Set(blobs)]
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const some = wanted.slice(start, start + AT_ONCE)
    const variables = Object.fromEntries(some.map((blob, index) => [`b${index}`, blob]))
    const { repository } = yield* client.query(READ, textsQuery(some.length), { ...place, ...variables }, Texts)
    for (const [index, blob] of some.entries()) {
      const text = repository[`b${index}`]?.text ?? undefined
      if (text !== undefined && blobIdOf(text) === blob) texts.set(blob, text)
    }
  }
  const others = wanted.filter((blob) => !texts.has(blob))
  const read = yield* Effect.forEach(others, (blob) => readBlob(client, blob), { concurrency: LARGE_AT_ONCE })
  for (const [index, blob] of others.entries()) texts.set(blob, read[index] ?? "")
  return texts
})

const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

/** Whether a reader wants a path. */
export const isWanted =
  ({ directories, files, trees = [] }: Wanted) =>
  (path: string): boolean =>
    path === CONTROL_PATH ||
    files.includes(path) ||
    directories.includes(directoryOf(path)) ||
    trees.some((tree) => path.startsWith(`${tree}/`))
