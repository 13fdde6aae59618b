import { strict as assert } from "node:assert"
import * as Aliases from "@batchbrake/core/batch/Aliases"
import * as Archive from "@batchbrake/core/batch/Archive"
import * as DayLedger from "@batchbrake/core/batch/DayLedger"
import * as Manifest from "@batchbrake/core/batch/Manifest"
import * as Result from "effect/Result"
import { describe, it } from "vitest"
import { AT, changed, ID, merged, opened, sealed } from "./batches.ts"

const [SECOND, NEXT_DAY] = ["2026-02-06-002", "2026-02-07-001"]
const PATH = `manifests/2026/02/06/${ID}.json`
const LEDGER = "manifests/2026/02/06/ledger.jsonl"

const written = (...manifests: ReadonlyArray<Manifest.Manifest>): Map<string, string> =>
  new Map(
    Archive.changes(
      new Map(),
      manifests.map((manifest) => ({ at: AT, event: "BatchOpened", manifest, nonce: "n1" }))
    )
  )

const refusedOf = (files: Archive.Files, id: string): readonly [string, string] => {
  const found = Archive.manifestIn(files, id)
  assert.ok(Result.isFailure(found))
  return [found.failure.code, found.failure.message]
}

const lineOf = (manifest: Manifest.Manifest): string =>
  DayLedger.print({
    at: AT,
    batch: manifest.id,
    digest: Manifest.digestOf(Manifest.encode(manifest)),
    event: "BatchOpened",
    nonce: "n1"
  })

describe("The batches of the control branch (SPEC.md BA)", () => {
  it("are a manifest and a line each, and the line is behind those that are there", () => {
    const files = written(opened())
    const line = `["${ID}","BatchOpened","${Manifest.digestOf(Manifest.encode(opened()))}","n1",${AT}]\n`
    assert.deepEqual(
      [...files],
      [
        [PATH, Manifest.encode(opened())],
        [LEDGER, line]
      ]
    )
    const more = Archive.changes(
      files,
      [opened(SECOND), opened("2026-02-06-003"), opened(NEXT_DAY)].map((manifest) => ({
        at: AT,
        event: "BatchOpened",
        manifest,
        nonce: "n1"
      }))
    )
    assert.equal(more.get(LEDGER), [opened(), opened(SECOND), opened("2026-02-06-003")].map(lineOf).join(""))
    assert.equal(more.get("manifests/2026/02/07/ledger.jsonl"), lineOf(opened(NEXT_DAY)))
    assert.equal(more.has(PATH), false)
    assert.deepEqual(Archive.filesOf(ID), [PATH, LEDGER, "manifests/aliases.json"])
    assert.equal(Archive.dateAt(AT), "2026-02-06")
  })

  it("[BA5] the newest line of an ID counts, and each refusal says what is wrong and what to do", () => {
    const files = written(opened(), sealed([]), opened(SECOND))
    assert.deepEqual(Result.getOrThrow(Archive.manifestIn(files, ID)), sealed([]))
    assert.deepEqual(refusedOf(new Map([...files, [PATH, Manifest.encode(opened())]]), ID), [
      "edited-by-hand",
      `${PATH} is not as the last event on ${ID} left it: it was edited by hand and is refused; revert that edit`
    ])
    assert.deepEqual(refusedOf(new Map(), ID), ["unknown-batch", `there is no batch ${ID}`])
    assert.deepEqual(refusedOf(new Map([[PATH, ""]]), ID), [
      "never-allocated",
      `${PATH} is there, and no event ever gave out ${ID}: the manifest is refused`
    ])
    assert.deepEqual(refusedOf(new Map([[LEDGER, lineOf(opened())]]), ID), [
      "manifest-missing",
      `${ID} was given out, and ${PATH} is gone: revert the commit that removed it`
    ])
    const broken = `line 2 of ${LEDGER} cannot be read: revert the commit of the control branch that broke it`
    for (const line of ["{", lineOf(opened(NEXT_DAY)), '["2026-02-06-1","BatchOpened","","n",1]']) {
      const damaged = new Map([...files, [LEDGER, `${lineOf(opened())}${line}\n`]])
      assert.deepEqual(refusedOf(damaged, ID), ["manifest-unreadable", broken])
      assert.equal(Result.isFailure(Archive.allocate(damaged, new Map(), "2026-02-06", 1)), true)
      assert.equal(Archive.isAllocated(damaged, ID), true)
    }
  })

  it("[BA5] a text that its line names, and that is no manifest of its ID, is refused with what is wrong in it", () => {
    const text = Manifest.encode(opened(SECOND))
    const line = DayLedger.print({ at: AT, batch: ID, digest: Manifest.digestOf(text), event: "e", nonce: "n" })
    const files = new Map([
      [PATH, text],
      [LEDGER, line]
    ])
    assert.deepEqual(refusedOf(files, ID), [
      "manifest-unreadable",
      `${PATH} cannot be read: id: found the one of ${SECOND}, expected the manifest of ${ID}`
    ])
    const aliases = Archive.aliasesOf(new Map([[Aliases.PATH, '[["old", []]]']]))
    assert.ok(Result.isFailure(aliases))
    assert.equal(aliases.failure.code, "manifest-unreadable")
    assert.match(aliases.failure.message, /^manifests\/aliases\.json cannot be read: \[0\].*; revert what broke it$/)
  })

  it("[BA1] an ID is given out once a line names it, and the next one is behind all that anything names", () => {
    const files = written(opened(), opened(NEXT_DAY))
    assert.deepEqual(
      [ID, SECOND, NEXT_DAY, "2026-02-08-001"].map((id) => Archive.isAllocated(files, id)),
      [true, false, true, false]
    )
    const next = (aliases: ReadonlyArray<string>, more: ReadonlyArray<string> = []): ReadonlyArray<string> =>
      Result.getOrThrow(
        Archive.allocate(
          new Map([...files, ...more.map((path) => [path, ""] as const)]),
          new Map(aliases.map((alias) => [alias, [ID]])),
          "2026-02-06",
          2
        )
      )
    assert.deepEqual(next([]), [SECOND, "2026-02-06-003"])
    assert.deepEqual(next(["2026-02-06-007", "2026-02-07-009", "old"]), ["2026-02-06-008", "2026-02-06-009"])
    assert.deepEqual(next([], ["manifests/2026/02/06/2026-02-06-004.json"]), ["2026-02-06-005", "2026-02-06-006"])
    assert.deepEqual(Result.getOrThrow(Archive.allocate(files, new Map(), "2026-02-06", 0)), [])
  })

  it.each([
    "x/manifests/2026/02/06/ledger.jsonl",
    "manifests/2026/02/06/ledger.jsonl.bak",
    "manifests/2026/02/6/ledger.jsonl",
    "manifests/26/02/06/ledger.jsonl",
    "manifests/2026/2/06/ledger.jsonl",
    "manifests/2026/02/06/ledgerxjsonl",
    "manifests/2026/02/07/ledger.jsonl",
    `x/${PATH}`,
    `${PATH}.bak`,
    `manifests/2026/02/07/${ID}.json`,
    "manifests/2026/02/06/2026-02-06-1.json",
    `manifests/2026/02/06/${ID}xjson`
  ])("no other file names an ID: %s", (path) => {
    assert.deepEqual(Archive.idsIn(new Map([[path, lineOf(opened())]])), [])
    assert.equal(Manifest.idAt(path), undefined)
  })

  it("all are listed oldest first, those that are refused apart", () => {
    const manifests = [opened(NEXT_DAY), opened("2026-02-06-1000"), opened("2026-02-06-999"), opened()]
    const files = written(...manifests)
    assert.deepEqual(Archive.idsIn(files), [ID, "2026-02-06-999", "2026-02-06-1000", NEXT_DAY])
    files.delete("manifests/2026/02/06/2026-02-06-999.json")
    const { manifests: found, refused } = Archive.all(files)
    assert.deepEqual(
      found.map(({ id }) => id),
      [ID, "2026-02-06-1000", NEXT_DAY]
    )
    assert.deepEqual(
      refused.map(({ code, id }) => [id, code]),
      [["2026-02-06-999", "manifest-missing"]]
    )
  })

  it("[RB17] those that name a path come oldest first, without those that were edited", () => {
    const edit = [changed("recipes/a", "1", "2"), changed("recipes/b", "1", "2")]
    const files = written(merged(edit, NEXT_DAY), merged(edit, SECOND), merged(edit), opened("2026-02-06-003"))
    const idsOf = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
      Archive.naming(files, new Set(paths)).map(({ id }) => id)
    assert.deepEqual(idsOf(["recipes/b"]), [ID, SECOND, NEXT_DAY])
    assert.deepEqual(idsOf(["recipes/c", "recipes/a"]), [ID, SECOND, NEXT_DAY])
    assert.deepEqual(idsOf(["recipes/", "a", ""]), [])
    files.set("x.json", files.get(PATH) ?? "")
    files.set(PATH, `${files.get(PATH)} `)
    assert.deepEqual(idsOf(["recipes/a"]), [SECOND, NEXT_DAY])
  })
})

describe("The ledger of a day (SPEC.md BA)", () => {
  const line = { at: AT, batch: ID, digest: "0".repeat(64), event: "BatchOpened", nonce: "" }
  const text = (more: Partial<DayLedger.LedgerLine>): string => DayLedger.print({ ...line, ...more })
  const parse = (...lines: ReadonlyArray<string>) => DayLedger.parse("2026-02-06", lines.join(""))

  it("[BA5] reads back as it was written, empty lines apart", () => {
    assert.deepEqual(Result.getOrThrow(parse()), [])
    assert.deepEqual(Result.getOrThrow(parse("\n", text({}), "\n", text({ nonce: "n" }))), [
      line,
      { ...line, nonce: "n" }
    ])
    assert.equal(DayLedger.digestFor([], ID), undefined)
    assert.equal(DayLedger.digestFor([line, { ...line, digest: "new" }], ID), "new")
    assert.equal(DayLedger.digestFor([{ ...line, batch: SECOND }], ID), undefined)
  })

  it.each([
    text({ batch: "2026-02-06-1" }),
    text({ batch: NEXT_DAY }),
    text({ event: "" }),
    text({ digest: "0".repeat(63) }),
    text({ digest: "0".repeat(65) }),
    text({ digest: "A".repeat(64) }),
    text({ digest: `${"0".repeat(64)}\n` }),
    text({ at: 0.5 }),
    "[]\n",
    `${text({}).trimEnd().slice(0, -1)},1]\n`,
    "{\n"
  ])("[BA5] the first line that is none is named: %j", (wrong) => {
    const found = parse(text({}), "\n", wrong, "{\n")
    assert.ok(Result.isFailure(found))
    assert.equal(found.failure, 3)
  })
})

describe("Older names (SPEC.md AD)", () => {
  it("are a line each, in order, and none are an empty list", () => {
    const aliases = new Map([
      ["old", [ID]],
      ["2026-02-06-homebrew", [ID, SECOND]]
    ])
    const text = `[\n  ["2026-02-06-homebrew",["${ID}","${SECOND}"]],\n  ["old",["${ID}"]]\n]\n`
    assert.equal(Aliases.encode(aliases), text)
    assert.deepEqual(Result.getOrThrow(Aliases.parse(text)), aliases)
    assert.equal(Aliases.encode(new Map()), "[]\n")
    assert.deepEqual(Result.getOrThrow(Aliases.parse(undefined)), new Map())
    assert.equal(Result.isFailure(Aliases.parse("")), true)
    assert.equal(Aliases.PATH, "manifests/aliases.json")
  })

  it("have each of their batches once, oldest first, and what was there before stays as it was", () => {
    const before: Aliases.Aliases = new Map([["old", [SECOND]]])
    const after = Aliases.add(Aliases.add(before, ["old", "new"], ID), ["old"], ID)
    assert.deepEqual(
      [...after],
      [
        ["old", [ID, SECOND]],
        ["new", [ID]]
      ]
    )
    assert.deepEqual([...before], [["old", [SECOND]]])
    assert.deepEqual([...Aliases.add(before, [], ID)], [...before])
  })
})
