import { strict as assert } from "node:assert"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, it } from "vitest"
import { blobOf, keepBlob } from "../support/fastImport.ts"
import { contentFailure, file, proposal, withContent } from "../support/runContent.ts"
import { git, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

let sandbox: Sandbox
let tip: string
beforeAll(() => {
  sandbox = makeSandbox()
  tip = git(sandbox.remote, "rev-parse", "main")
  for (const content of ["1", "2", "3"]) keepBlob(sandbox.clone, content)
})
afterAll(() => sandbox.dispose())

const text = (content: string, mode?: string): TreeEntry => file(blobOf(sandbox.clone, content), mode)

const KINDS = [
  {
    kind: "remote",
    layer: () => layerRemote({ remote: "origin", repository: sandbox.clone, timeoutMillis: 20_000 })
  },
  { kind: "local", layer: () => layerLocal({ repository: sandbox.clone }) }
] as const

describe.each(KINDS)("A merge in the $kind repository", ({ kind, layer }) => {
  const lines = (changes: Readonly<Record<number, string>> = {}): string =>
    Array.from({ length: 12 }, (_, index) => `${changes[index] ?? index}\n`).join("")
  const write = (contents: ReadonlyArray<string>): void => {
    for (const content of contents) keepBlob(sandbox.clone, content)
  }
  const merge = (before: TreeEntry, after: TreeEntry, current: TreeEntry) =>
    withContent(layer(), (content) => Effect.map(content.merge(before, after, current), ({ entry }) => entry))

  it("takes one change out and leaves the other in", async () => {
    const [before, after, current, both] = [lines(), lines({ 2: "b" }), lines({ 2: "b", 9: "x" }), lines({ 9: "x" })]
    write([before, after, current])
    assert.deepEqual(await merge(text(before), text(after), text(current)), text(both))
    const conflict = lines({ 2: "c" })
    write([conflict])
    assert.equal(await merge(text(before), text(after), text(conflict)), undefined)
  })

  it("never takes apart what is no text", async () => {
    const [before, after, current] = ["\0a\n", "\0b\n", "\0b\nc\n"]
    write([before, after, current])
    assert.equal(await merge(text(before), text(after), text(current)), undefined)
    assert.deepEqual(await merge(text(before), text(after), text(after)), text(before))
  })

  it("merges modes too, and links only where one side changed them", async () => {
    const link = (to: string): TreeEntry => text(to, "120000")
    assert.deepEqual(await merge(text("1"), text("1", "100755"), text("2", "100755")), text("2"))
    assert.deepEqual(await merge(text("1", "100755"), text("1"), text("2")), text("2", "100755"))
    assert.deepEqual(await merge(text("1"), text("2"), text("2", "100755")), text("1", "100755"))
    assert.deepEqual(await merge(link("1"), link("2"), link("2")), link("1"))
    assert.deepEqual(await merge(link("1"), text("2"), text("2")), link("1"))
    assert.equal(await merge(link("1"), link("2"), link("3")), undefined)
    assert.equal(await merge(link("1"), text("2"), text("2", "100755")), undefined)
    assert.deepEqual(await merge(text("1"), text("2"), text("1")), text("1"))
  })

  it("is proposed with what it made, and nothing is kept of it before", async () => {
    const [before, after, current] = [lines(), lines({ 2: "y" }), lines({ 2: "y", 9: "z" })]
    write([before, after, current])
    const repository = kind === "remote" ? sandbox.remote : sandbox.clone
    const merged = text(lines({ 9: "z" }))
    const [isMissing, held] = await withContent(layer(), (content) =>
      Effect.gen(function* () {
        const { entry } = yield* content.merge(text(before), text(after), text(current))
        const check = `cat-file -e ${merged.blob}`.split(" ")
        const missing = yield* Effect.isFailure(Effect.try(() => git(repository, ...check)))
        assert.deepEqual(yield* content.missingBlobs([merged.blob]), [])
        const { commit } = yield* content.propose(proposal(tip, { "recipe.txt": entry }, { isOurs: () => false }))
        return [missing, git(repository, "rev-parse", `${commit}:recipe.txt`)] as const
      })
    )
    assert.deepEqual([isMissing, held], [true, merged.blob])
  })

  it("of a blob that is nowhere is damage, not a conflict", async () => {
    const failure = await contentFailure(layer(), (content) =>
      content.merge(text("1"), file("7".repeat(40)), text("3"))
    )
    assert.equal(failure._tag, "StoreCorrupt", failure.message)
  })
})
