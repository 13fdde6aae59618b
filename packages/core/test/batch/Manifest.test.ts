import { strict as assert } from "node:assert"
import * as Aliases from "@batchbrake/core/batch/Aliases"
import * as Archive from "@batchbrake/core/batch/Archive"
import { objection } from "@batchbrake/core/batch/Containment"
import * as DayLedger from "@batchbrake/core/batch/DayLedger"
import * as Manifest from "@batchbrake/core/batch/Manifest"
import type { PathChange } from "@batchbrake/core/batch/TreeEntry"
import * as BatchArbitrary from "@batchbrake/core/testing/BatchArbitrary"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const BLOB = "a".repeat(40)
const added = (path: string) => ({ after: { blob: BLOB, mode: "100644" }, before: undefined, path })

describe("Manifests (SPEC.md BA)", () => {
  it("[BA4] a manifest reads back as it was written, in every state, and is written the same again", () => {
    fc.assert(
      fc.property(BatchArbitrary.manifest, (manifest) => {
        const text = Manifest.encode(manifest)
        const read = Result.getOrThrow(Manifest.parse(manifest.id, text))
        assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(manifest)))
        assert.equal(Manifest.encode(read), text)
        assert.equal(Manifest.idAt(Manifest.pathOf(manifest.id)), manifest.id)
      })
    )
  })

  it("[BA4] aliases read back as they were written, whatever the names", () => {
    const pairs = fc.uniqueArray(
      fc.tuple(fc.string({ minLength: 1 }), fc.array(BatchArbitrary.batchId, { minLength: 1 })),
      {
        selector: ([name]) => name
      }
    )
    fc.assert(
      fc.property(pairs, (entries) => {
        const aliases = new Map(entries)
        const read = Result.getOrThrow(Aliases.parse(Aliases.encode(aliases)))
        assert.deepEqual([...read].sort(), [...aliases].sort())
        assert.equal(Aliases.encode(read), Aliases.encode(aliases))
      })
    )
  })

  const archive = (manifests: ReadonlyArray<Manifest.Manifest>): Map<string, string> =>
    new Map(
      Archive.changes(
        new Map(),
        manifests.map((manifest, at) => ({ at, event: "BatchOpened", manifest, nonce: "n" }))
      )
    )
  const codeOf = (files: Map<string, string>, id: string): string | undefined => {
    const read = Archive.manifestIn(files, id)
    return Result.isFailure(read) ? read.failure.code : undefined
  }

  it("[BA5] any change of a manifest's text by hand is refused, and the text as written is not", () => {
    fc.assert(
      fc.property(BatchArbitrary.manifest, fc.nat(), fc.constantFrom("", " ", "x", "0"), (manifest, place, put) => {
        const files = archive([manifest])
        assert.equal(codeOf(files, manifest.id), undefined)
        const path = Manifest.pathOf(manifest.id)
        const text = files.get(path) ?? ""
        const at = place % text.length
        const edited = text.slice(0, at) + put + text.slice(at + 1)
        files.set(path, edited)
        assert.equal(codeOf(files, manifest.id), edited === text ? undefined : "edited-by-hand")
      })
    )
  })

  it("[BA5] a manifest that is gone, one of an ID never given out, and a ledger that cannot be read are told apart", () => {
    fc.assert(
      fc.property(BatchArbitrary.manifest, (manifest) => {
        const [path, ledger] = [Manifest.pathOf(manifest.id), DayLedger.pathOf(manifest.id.slice(0, 10))]
        const gone = archive([manifest])
        gone.delete(path)
        assert.equal(codeOf(gone, manifest.id), "manifest-missing")
        assert.deepEqual(Archive.idsIn(gone), [manifest.id])
        const forged = archive([manifest])
        forged.delete(ledger)
        assert.equal(codeOf(forged, manifest.id), "never-allocated")
        assert.equal(codeOf(new Map(), manifest.id), "unknown-batch")
        const broken = archive([manifest])
        broken.set(ledger, `${broken.get(ledger)}[]\n`)
        assert.equal(codeOf(broken, manifest.id), "manifest-unreadable")
      })
    )
  })

  it("[RB17] the batches that name a path are found among all, however the path is spelled", () => {
    const spelled = fc.constantFrom("", '"', "\\", "\n", '", "path": "x', "\u2028")
    const named = (manifest: Manifest.Manifest): ReadonlyArray<string> =>
      [manifest.paths, manifest.merged?.differs ?? [], ...manifest.rollbacks.map(({ paths }) => paths)]
        .flat()
        .map(({ path }) => path)
    const some = fc.uniqueArray(BatchArbitrary.manifest, { maxLength: 5, selector: ({ id }) => id })
    fc.assert(
      fc.property(some, spelled, BatchArbitrary.path, (manifests, tail, wanted) => {
        const renamed = manifests.map((manifest) => ({
          ...manifest,
          paths: manifest.paths.map((change) => ({ ...change, path: `${change.path}${tail}` }))
        }))
        const files = archive(renamed)
        for (const path of [wanted, `${wanted}${tail}`, ...renamed.flatMap(named).slice(0, 1)]) {
          assert.deepEqual(
            Archive.naming(files, new Set([path])).map(({ id }) => id),
            Archive.all(files)
              .manifests.filter((manifest) => named(manifest).includes(path))
              .map(({ id }) => id)
          )
        }
        assert.deepEqual(Archive.naming(files, new Set()), [])
      })
    )
  })

  it("[BA7] a path that some file system reads as .git, or that leaves the tree, is refused by name", () => {
    const names = [
      ".git",
      ".GIT",
      ".Git",
      "git~1",
      "GIT~2",
      ".git ",
      ".git.",
      ".git...",
      ".g\u200cit",
      "\ufeff.git",
      ".git::$INDEX_ALLOCATION"
    ]
    const paths = [
      ...names.flatMap((name) => [`recipes/${name}/config`, `recipes/${name}`]),
      "recipes/../x",
      "../recipes/x",
      "/recipes/x",
      "recipes//x",
      "recipes/./x",
      "recipes/x/",
      "recipes/a\\b",
      "recipes/a\nb",
      "recipes/\0",
      ""
    ]
    for (const path of paths) {
      assert.equal(objection(["**"], [added("recipes/fine"), added(path)])?.code, "not-a-path", JSON.stringify(path))
    }
    for (const path of ["recipes/.gitignore", "recipes/git", "recipes/.github/x", "recipes/x.git", "recipes/..x"]) {
      assert.equal(objection(["**"], [added(path)]), undefined, path)
    }
  })

  it("[BA7] what is outside the content, no file, or one file where case does not count is refused by name", () => {
    const of = (paths: ReadonlyArray<string>, notBlobs: ReadonlyArray<string> = []) =>
      objection(["recipes/**"], paths.map(added), notBlobs)
    assert.equal(of(["recipes/a", "recipes/b"]), undefined)
    const outside = of(["recipes/a", "docs/b"])
    assert.equal(outside?.code, "outside-content")
    assert.match(outside?.message ?? "", /"docs\/b"/)
    assert.doesNotMatch(outside?.message ?? "", /"recipes\/a"/)
    assert.match(of(["docs/b"])?.message ?? "", /nothing of it/)
    assert.equal(of(["recipes/a"], ["recipes/sub"])?.code, "not-a-file")
    assert.match(of(["recipes/Foo", "recipes/foo"])?.message ?? "", /"recipes\/Foo", "recipes\/foo"/)
    assert.equal(of(["recipes/\u00e9", "recipes/e\u0301"])?.code, "case-collision")
    const renamed = [
      { after: undefined, before: { blob: BLOB, mode: "100644" }, path: "recipes/Foo" },
      added("recipes/foo")
    ]
    assert.equal(objection(["recipes/**"], renamed), undefined)
  })

  it("[BA7] a new path that differs from another of the tree by case alone is refused, and one that stood there is not", () => {
    const entry = { blob: BLOB, mode: "100644" }
    const modified = { after: entry, before: { ...entry, blob: "b".repeat(40) }, path: "recipes/foo" }
    const of = (change: PathChange, standing: ReadonlyArray<string>) =>
      objection(["recipes/**"], [change], [], standing)?.code
    assert.equal(of(added("recipes/foo"), ["recipes/foo", "recipes/Foo"]), "case-collision")
    assert.equal(of(added("recipes/foo"), ["recipes/foo", "recipes/bar", "recipes/BAR"]), undefined)
    assert.equal(of(modified, ["recipes/foo", "recipes/Foo"]), undefined)
  })
})
