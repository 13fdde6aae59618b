import { strict as assert } from "node:assert"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { TreeEntry } from "@batchbrake/core/batch/TreeEntry"
import type { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, it } from "vitest"
import { blobOf, bytesOf, type Made, makeCommits, treeLines } from "../support/fastImport.ts"
import { contentFailure, file, proposal, withContent } from "../support/runContent.ts"
import { git, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

const ODD = [
  " leading and trailing ",
  '"quoted"',
  "-dash",
  "--",
  "*?[a-z]",
  ":(glob)**",
  ":!not",
  "a\\b",
  "tab\tand\nline",
  "ünïcödé/日本/🛑",
  "e\u0301",
  "é",
  "HEAD",
  "a/b/c/d/e/f",
  "a.b",
  "a-b",
  "100%",
  "$HOME`x`"
]

const COMMITS: ReadonlyArray<Omit<Made, "branch">> = [
  { put: { first: "1" } },
  { put: Object.fromEntries(ODD.map((path) => [bytesOf(path), path])) },
  {
    put: {
      "by\xffte": "no text",
      directory: { submodule: "1".repeat(40) },
      executable: { mode: "100755", text: "#!/bin/sh\n" },
      link: { mode: "120000", text: "first" },
      "only/one/file": "alone",
      plain: "#!/bin/sh\n"
    }
  },
  {
    put: {
      "by\xffte": undefined,
      directory: "a file now",
      executable: "#!/bin/sh\n",
      link: "first",
      plain: { mode: "100755", text: "#!/bin/sh\n" }
    }
  },
  { put: { "only/one/file": undefined, "only/one": "a file now" } },
  { put: { "only/one": undefined, "only/one/file": "alone", "only/one/other": "more" } }
]

let sandbox: Sandbox
let ids: ReadonlyArray<string>
let many: ReadonlyArray<string>
beforeAll(() => {
  sandbox = makeSandbox()
  ids = makeCommits(
    sandbox.clone,
    COMMITS.map((made) => ({ branch: "odd", ...made }))
  )
  const names = Array.from({ length: 10_000 }, (_, index) => `recipes/${index % 26}/r-${index}.yaml`)
  const all = (text: string) => Object.fromEntries(names.map((name) => [name, text]))
  many = makeCommits(sandbox.clone, [
    { branch: "many", put: { ...all("old"), kept: "kept" } },
    { branch: "many", put: all("new") }
  ])
  git(sandbox.clone, "push", "-q", "origin", "odd", "many")
})
afterAll(() => sandbox.dispose())

const id = (index: number): string => ids[index] ?? ""
const text = (content: string, mode?: string): TreeEntry => file(blobOf(sandbox.clone, content), mode)

const KINDS = [
  {
    kind: "remote",
    layer: (branch: string) =>
      layerRemote({ branch, remote: "origin", repository: sandbox.clone, timeoutMillis: 20_000 }),
    repository: () => sandbox.remote
  },
  {
    kind: "local",
    layer: (branch: string) => layerLocal({ branch, repository: sandbox.clone }),
    repository: () => sandbox.clone
  }
] as const

describe.each(KINDS)("In the $kind repository", ({ kind, layer, repository }) => {
  const odd = (): Layer.Layer<ContentRepository> => layer("odd")
  let count = 0
  const propose = async (onto: string, entries: Readonly<Record<string, TreeEntry | undefined>>) => {
    const branch = `${kind}/${count++}`
    await withContent(odd(), (content) => content.propose(proposal(onto, entries, { branch, isOurs: () => false })))
    git(repository(), "fsck", "--strict", "--no-dangling", "--connectivity-only")
    return treeLines(repository(), branch)
  }

  it("a path is what it is, byte by byte, and no pattern", async () => {
    const [differences, entries] = await withContent(odd(), (content) =>
      Effect.all([content.differences(id(0), id(1)), content.entriesAt(id(1), [...ODD, "*", "a", ":", "firs?", "x"])])
    )
    const expected = new Map(ODD.map((path) => [path, text(path)]))
    const { changes, notBlobs } = differences
    assert.deepEqual(new Map(changes.map(({ after, path }) => [path, after])), expected)
    assert.deepEqual([changes.length, notBlobs], [ODD.length, []])
    assert.equal(entries.get("a")?.mode, "040000")
    assert.deepEqual(new Map([...entries].filter(([path]) => path !== "a")), expected)
  })

  it("a path with any letters is changed and taken away, and all others are kept", async () => {
    const made = await withContent(odd(), (content) =>
      Effect.forEach(ODD, (path, index) =>
        content.propose(proposal(id(1), { [path]: undefined }, { branch: `${kind}/odd/${index}` }))
      )
    )
    for (const [index, path] of ODD.entries()) {
      const others = treeLines(repository(), id(1)).filter((line) => !line.endsWith(`\t${path}`))
      assert.deepEqual(treeLines(repository(), made[index]?.commit ?? ""), others)
    }
    const swapped = Object.fromEntries(ODD.map((path) => [path, text("1", "100755")]))
    const lines = await propose(id(1), swapped)
    assert.equal(lines.filter((line) => line.startsWith(`100755 blob ${text("1").blob}\t`)).length, ODD.length)
  })

  it("links, modes and kinds are told apart; submodules and paths that are no text are named apart", async () => {
    const [before, after, back] = await withContent(odd(), (content) =>
      Effect.all([
        content.entriesAt(id(2), ["directory", "executable", "link", "plain", "by\uFFFDte", "\uD800"]),
        content.differences(id(2), id(3)),
        content.differences(id(1), id(2))
      ])
    )
    assert.deepEqual(Object.fromEntries(before), {
      directory: file("1".repeat(40), "160000"),
      executable: text("#!/bin/sh\n", "100755"),
      link: text("first", "120000"),
      plain: text("#!/bin/sh\n")
    })
    assert.deepEqual(after, {
      changes: [
        { after: text("#!/bin/sh\n"), before: text("#!/bin/sh\n", "100755"), path: "executable" },
        { after: text("first"), before: text("first", "120000"), path: "link" },
        { after: text("#!/bin/sh\n", "100755"), before: text("#!/bin/sh\n"), path: "plain" }
      ],
      notBlobs: ['"by\\377te"', "directory"]
    })
    assert.deepEqual(back.notBlobs, ['"by\\377te"', "directory"])
    const lines = await propose(id(3), {
      executable: text("#!/bin/sh\n", "100755"),
      link: text("first", "120000"),
      plain: text("#!/bin/sh\n")
    })
    const restored = (line: string): boolean => /\t(?:executable|link|plain)$/.test(line)
    assert.deepEqual(lines.filter(restored), treeLines(repository(), id(2)).filter(restored))
  })

  it("paths that are no text survive a change beside them", async () => {
    const raw = (revision: string): string => git(repository(), "ls-tree", "-r", revision)
    await propose(id(2), { plain: undefined })
    assert.equal(
      raw(`${kind}/${count - 1}`),
      raw(id(2))
        .split("\n")
        .filter((line) => !line.endsWith("\tplain"))
        .join("\n")
    )
  })

  it("a directory goes with its last file, and a file may take its place or make room for one", async () => {
    const without = (revision: string, gone: RegExp) =>
      treeLines(repository(), revision).filter((line) => !gone.test(line))
    assert.deepEqual(await propose(id(3), { "only/one/file": undefined }), without(id(3), /\tonly\//))
    assert.deepEqual(
      await propose(id(4), { "only/one": undefined, "only/one/file": text("alone") }),
      treeLines(repository(), id(3))
    )
    assert.deepEqual(
      await propose(id(5), {
        "only/one": text("a file now"),
        "only/one/file": undefined,
        "only/one/other": undefined
      }),
      treeLines(repository(), id(4))
    )
  })

  it.each<[number, string, Readonly<Record<string, TreeEntry | undefined>>]>([
    [5, "only/one", { "only/one": file("0".repeat(40)) }],
    [5, "only/one", { "only/one": file("0".repeat(40)), "only/one/file": undefined }],
    [4, "only/one", { "only/one/file": file("0".repeat(40)) }],
    [4, "only/one", { "only/one/file/below": file("0".repeat(40)) }],
    [2, "directory", { directory: file("0".repeat(40)) }],
    [2, "directory", { "directory/below": file("0".repeat(40)) }],
    [0, "x", { x: file("0".repeat(40)), "x/y": file("0".repeat(40)) }]
  ])("%# a file is never put where something else stands", async (index, path, entries) => {
    const failure = await contentFailure(odd(), (content) => content.propose(proposal(id(index), entries)))
    assert.equal(failure._tag, "PathOccupied", failure.message)
    assert.deepEqual("paths" in failure && failure.paths, [path])
  })

  it("what is not there, or no file, cannot be taken away, and nothing else goes for it", async () => {
    const gone = { directory: undefined, nowhere: undefined, only: undefined, "plain/below": undefined }
    assert.deepEqual(await propose(id(2), gone), treeLines(repository(), id(2)))
  })

  it("ten thousand paths are one question, and one proposal", async () => {
    const [before = "", after = ""] = many
    const tree = await withContent(layer("many"), (content) =>
      Effect.gen(function* () {
        const { changes } = yield* content.differences(before, after)
        const current = yield* content.entriesAt(
          after,
          changes.map(({ path }) => path)
        )
        assert.equal(current.size, 10_000)
        const entries = new Map(changes.map((change) => [change.path, change.before]))
        const { commit } = yield* content.propose({ ...proposal(after, {}), branch: `${kind}/many`, entries })
        return git(repository(), "rev-parse", `${commit}^{tree}`)
      })
    )
    assert.equal(tree, git(repository(), "rev-parse", `${before}^{tree}`))
  })
})
