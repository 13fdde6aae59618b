/**
 * Runs what the documents show. A block opened with three backticks and `sh run` is run by bash, in an empty directory
 * at first and then where the block before it ended, with the command on the PATH; `exit=N` says how it ends. A block
 * `ts run` is a program with the workspace's packages at hand. If a block `text` or `json` follows, that is what is
 * printed, instants, hashes and paths aside; `…` leaves out. A block `text quoted` holds words that the sources must
 * hold. Blocks without these words are not run.
 */
import { strict as assert } from "node:assert"
import { join } from "node:path"
import type { Entry } from "@batchbrake/entrypoints/cli/Verb"
import { VERBS } from "@batchbrake/entrypoints/cli/verbs"
import { afterAll, beforeAll, describe, it } from "vitest"
import { codesInSource, codesListed, exitCodesInSource } from "./documents/codesInSource.ts"
import { type Example, examplesOf, fencesOf } from "./documents/Fence.ts"
import { findBrokenLinks, findUnknownFiles, findUnknownOptions, verbsListed } from "./documents/findDocumentErrors.ts"
import { matchesJson, matchesText } from "./documents/matchOutput.ts"
import { makeScratch, makeShell, type Ran, removeScratch, runTypeScript } from "./documents/Scratch.ts"
import { readTree } from "./tidy/TextFile.ts"

/** A document is some fifty programs one after the other, on whatever machine this is. */
const SLOW_MILLIS = 120_000
const ROOT = join(import.meta.dirname, "..")
const tree = readTree(ROOT)
const documents = tree.filter(({ path }) => path.endsWith(".md"))
const textOf = (path: string): string => tree.find((file) => file.path === path)?.text ?? ""
const fences = (path: string) => fencesOf(path, textOf(path))
const withExamples = (language: string): ReadonlyArray<string> =>
  documents.map(({ path }) => path).filter((path) => examplesOf(fences(path), language).length > 0)

let scratch = ""
beforeAll(async () => {
  scratch = await makeScratch(ROOT)
})
afterAll(() => removeScratch(scratch))

const judge = ({ exitCode, expected, run }: Example, ran: Ran): void => {
  const place = `${run.path}:${run.line}`
  assert.equal(ran.exitCode, exitCode, `${place} exits with ${ran.exitCode}:\n${ran.printed}`)
  if (expected === undefined) return
  const matches = expected.words[0] === "json" ? matchesJson : matchesText
  assert.ok(matches(ran.printed, expected.text), `${place} prints:\n${ran.printed}\nand not:\n${expected.text}`)
}

describe("The documents' examples", () => {
  it("are there: the checks below look at something", () => {
    for (const path of ["README.md", "docs/operations.md", "docs/json.md"])
      assert.ok(withExamples("sh").includes(path), path)
  })

  it.concurrent.each(withExamples("sh"))(
    "in %s run and print what is shown",
    async (path) => {
      const shell = await makeShell(scratch)
      for (const example of examplesOf(fences(path), "sh")) judge(example, await shell(example.run.text))
    },
    SLOW_MILLIS
  )

  it.concurrent.each(withExamples("ts"))("in TypeScript in %s run and print what is shown", async (path) => {
    for (const example of examplesOf(fences(path), "ts")) {
      const name = `${path.replaceAll("/", "-")}-${example.run.line}`
      judge(example, await runTypeScript(scratch, ROOT, name, example.run.text))
    }
  })

  it("quote the sources word for word", () => {
    const sources = tree.filter(({ path }) => /^packages\/[^/]+\/src\//.test(path)).map(({ text }) => text)
    const quoted = documents.flatMap(({ path, text }) =>
      fencesOf(path, text).filter(({ words }) => words.join(" ") === "text quoted")
    )
    const missing = quoted
      .flatMap(({ line, path, text }) =>
        text.split(/[\n…]/).map((part) => ({ part: part.trim(), path: `${path}:${line}` }))
      )
      .filter(({ part }) => !sources.some((source) => source.includes(part)))
    assert.deepEqual(missing, [])
  })
})

describe("The documents", () => {
  it.each(["reasons", "notices", "errors", "findings", "outcomes", "policies", "skips"] as const)(
    "list each code of %s, and none more",
    (kind) => {
      const heading = {
        errors: "Error codes",
        findings: "Audit codes",
        notices: "Notice codes",
        outcomes: "Outcome codes",
        policies: "Policy codes",
        reasons: "Reason codes",
        skips: "Skip codes"
      }
      const emitted = codesInSource(tree)[kind]
      assert.ok(emitted.length > 0)
      assert.deepEqual(codesListed(textOf("docs/json.md"), heading[kind]), emitted)
    }
  )

  it("list each exit code, and none more", () => {
    const codes = exitCodesInSource(tree)
    assert.ok(codes.length > 4)
    assert.deepEqual(codesListed(textOf("docs/json.md"), "Exit codes"), codes)
  })

  it("list each verb of the command in README.md, and none more", () => {
    assert.deepEqual(verbsListed(textOf("README.md")), Object.keys(VERBS).sort())
  })

  it("name only verbs and options that the command has", async () => {
    const optionsOf = async ({ load }: Entry): Promise<ReadonlyArray<string>> => {
      const { options, verbs } = await load()
      return [...Object.keys(options), ...(await Promise.all(Object.values(verbs ?? {}).map(optionsOf))).flat()]
    }
    const loaded = await Promise.all(
      Object.entries(VERBS).map(async ([name, entry]) => [name, await optionsOf(entry)] as const)
    )
    assert.deepEqual(findUnknownOptions(documents, new Map(loaded)), [])
  })

  it("link only files that exist", () => {
    assert.deepEqual(
      findBrokenLinks(
        documents,
        tree.map(({ path }) => path)
      ),
      []
    )
  })

  it("name only source files that exist", () => {
    const paths = tree.map(({ path }) => path)
    assert.deepEqual(findUnknownFiles(documents, paths), [])
  })

  it("hand values to scripts of workflows through the environment only", () => {
    const workflows = documents.flatMap(({ path, text }) =>
      fencesOf(path, text).filter(({ words }) => words[0] === "yaml")
    )
    assert.ok(workflows.length > 0)
    for (const { line, path, text } of workflows)
      assert.ok(
        !/^\s*(?:- )?run:[^\n]*\$\{\{/m.test(text) && !/^ +batchbrake[^\n]*\$\{\{/m.test(text),
        `${path}:${line}`
      )
  })
})

describe("The comparison of output", () => {
  it("looks past instants, hashes and paths, and past nothing else", () => {
    const printed = "npm: open until 2026-11-23T06:42:53Z\nwrote /tmp/a/b.json\ncommit b65b337b3dfc69bc\n"
    assert.ok(matchesText(printed, "npm: open until 2027-01-01T00:00:00Z\nwrote /x/c.json\ncommit 0123456789abcdef\n"))
    assert.ok(matchesText(printed, "npm: open …\n…\n"))
    assert.ok(matchesText(printed, "…\ncommit …\n"))
    assert.ok(!matchesText(printed, "npm: open\n…\n"))
    assert.ok(!matchesText(printed, "…\nwrote …\n"))
    assert.ok(!matchesText("4 of 10 passed\n", "5 of 10 passed\n"))
    assert.ok(matchesJson('{"at":"2026-11-23T06:42:53Z","n":1}', '{ "at": "2027-01-01T00:00:00Z", "n": 1 }'))
    assert.ok(!matchesJson('{"n":1}', '{"n":2}'))
  })
})

describe("The checks of what documents name", () => {
  const verbs = new Map([
    ["gate", ["claim"]],
    ["pause", ["reason"]]
  ])
  const document = (text: string) => [{ path: "docs/a.md", text }]

  it.each(["batchbrake gaet", "run `batchbrake gate --clam`", "```sh\nbatchbrake pause \\\n  --raeson x\n```"])(
    "find the unknown verb or option in %j",
    (text) => {
      assert.equal(findUnknownOptions(document(text), verbs).length, 1)
    }
  )

  it.each([
    "batchbrake gate --claim --json --local",
    "`batchbrake --help`",
    "npm i @batchbrake/core --save",
    "batchbrake gate # and --not-this",
    "| `batchbrake pause --reason R` | --other |"
  ])("let %j stand", (text) => {
    assert.deepEqual(findUnknownOptions(document(text), verbs), [])
  })

  it("find a link and a file that lead nowhere", () => {
    const paths = ["docs/a.md", "docs/adr/README.md", "src/b.ts"]
    const good =
      "[a](a.md) [b](../docs/adr/README.md#x) [c](adr/) [d](https://example.org/d.md) [e](#e) `src/b.ts` `b.ts`"
    assert.deepEqual(findBrokenLinks(document(good), paths), [])
    assert.deepEqual(findUnknownFiles(document(good), paths), [])
    assert.equal(findBrokenLinks(document("[a](adr/0001.md)"), paths).length, 1)
    assert.equal(findUnknownFiles(document("`src/c.ts`"), paths).length, 1)
  })

  it("take an example's output from the block right behind it, and only from there", () => {
    const text =
      "```sh run exit=3\na\n```\n\n```text\nb\n```\n\n```sh run\nc\n```\n\n```text quoted\nd\n```\n\n```sh\ne\n```\n"
    const examples = examplesOf(fencesOf("docs/a.md", text), "sh")
    assert.deepEqual(
      examples.map(({ exitCode, expected, run }) => [run.text, exitCode, expected?.text]),
      [
        ["a\n", 3, "b\n"],
        ["c\n", 0, undefined]
      ]
    )
  })
})
