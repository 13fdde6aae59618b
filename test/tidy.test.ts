import { strict as assert } from "node:assert"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "vitest"
import { findBannedNames } from "./tidy/findBannedNames.ts"
import { findDecisionFaults, findTitleFaults, findUnknownScripts } from "./tidy/findDocumentFaults.ts"
import { findForbiddenImports } from "./tidy/findForbiddenImports.ts"
import { findImpurities } from "./tidy/findImpurities.ts"
import { findLockFaults, type LockFile } from "./tidy/findLockFaults.ts"
import { findLongFiles } from "./tidy/findLongFiles.ts"
import { findMachinePaths } from "./tidy/findMachinePaths.ts"
import { findUnsafeTypes } from "./tidy/findUnsafeTypes.ts"
import { matchRulesToTests } from "./tidy/matchRulesToTests.ts"
import { readTree, type TextFile } from "./tidy/TextFile.ts"

type Find = (files: ReadonlyArray<TextFile>) => ReadonlyArray<string>

const ROOT = join(import.meta.dirname, "..")
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8")
const scripts = Object.keys(JSON.parse(read("package.json")).scripts)
const tree = readTree(ROOT)
const core = (path: string, text: string): TextFile => ({ path: `packages/core/src/${path}`, text })
const finds = (find: Find, file: TextFile): number => find([file]).length

describe("The tree is tidy", () => {
  it("is read whole: the checks below look at something", () => {
    const paths = tree.map(({ path }) => path)
    assert.ok(paths.includes("package.json") && paths.includes("test/tidy.test.ts"))
    assert.ok(!paths.some((path) => path.includes("node_modules/")))
  })

  it.each<[string, Find]>([
    ["keeps the dependency rule", findForbiddenImports],
    ["has no source file too long to read in one go", findLongFiles],
    ["has no name that says nothing", findBannedNames],
    ["has no clock, chance, waiting or catching in core's pure folders", findImpurities],
    ["never tells the compiler to look away", findUnsafeTypes],
    ["gives each document one title", findTitleFaults],
    ["links each decision record from the index, under a number of its own", findDecisionFaults],
    ["names no path of somebody's machine", findMachinePaths],
    ["names only scripts that exist", (files) => findUnknownScripts(files, scripts)]
  ])("%s", (_, find) => {
    assert.deepEqual(find(tree), [])
  })

  it("has a lock file that installs everywhere", () => {
    assert.deepEqual(findLockFaults(JSON.parse(read("package-lock.json")) as LockFile), [])
  })

  it("tests each rule of core's SPEC.md, and names no rule that it lacks", () => {
    assert.ok(existsSync(join(ROOT, "packages/core/SPEC.md")), "packages/core/SPEC.md is missing")
    const tests = tree.filter(({ path }) => /^packages\/[^/]+\/test\/.*\.test\.ts$/.test(path))
    assert.deepEqual(matchRulesToTests(read("packages/core/SPEC.md"), tests), [])
  })
})

describe("The dependency check", () => {
  it.each([
    ["breaker/Breaker.ts", 'import * as Effect from "effect/Effect"'],
    ["breaker/Breaker.ts", 'import type { Store } from "../port/Store.ts"'],
    ["breaker/Breaker.ts", 'export { go } from "@batchbrake/core/program/go"'],
    ["port/Store.ts", 'import { go } from "../program/go.ts"'],
    ["program/go.ts", 'import { readFile } from "node:fs"'],
    ["program/go.ts", 'import * as Command from "effect/cli/Command"'],
    ["program/go.ts", 'import { Effect } from "effect"'],
    ["program/go.ts", 'const git = import("@batchbrake/adapters-git/Git")'],
    ["program/go.ts", 'import {\n  step\n} from "../../test/program/go.test.ts"'],
    ["program/go.ts", 'import * as TestClock from "effect/testing/TestClock"'],
    ["testing/laws.ts", 'import "node:fs"']
  ])("finds that core's %s may not say: %s", (path, text) => {
    assert.equal(finds(findForbiddenImports, core(path, text)), 1)
  })

  it.each([
    'import { go } from "@batchbrake/core/program/go"',
    'import * as laws from "@batchbrake/core/testing/laws"',
    'import * as Sql from "@batchbrake/adapters-d1/Sql"',
    'import "@batchbrake/entrypoints/cli/main"',
    'import * as Sql from "../../adapters-d1/src/Sql.ts"'
  ])("finds that an adapter may not say: %s", (text) => {
    assert.equal(finds(findForbiddenImports, { path: "packages/adapters-git/src/Git.ts", text }), 1)
  })

  it("lets each ring import what lies further in", () => {
    const files = [
      core("breaker/Breaker.ts", 'import * as Schema from "effect/Schema"\nimport { at } from "../time/Instant.ts"'),
      core("port/Store.ts", 'import * as Context from "effect/Context"\nimport { step } from "../breaker/Breaker.ts"'),
      core("program/go.ts", 'import * as Effect from "effect/Effect"\nimport { Store } from "../port/Store.ts"'),
      core("testing/laws.ts", 'import * as fc from "fast-check"\nimport { go } from "../program/go.ts"'),
      {
        path: "packages/adapters-git/src/Git.ts",
        text: 'import "node:fs"\nimport { Store } from "@batchbrake/core/port/Store"\nimport "./Ref.ts"'
      },
      {
        path: "packages/entrypoints/src/main.ts",
        text: 'import "@batchbrake/adapters-git/Git"\nimport "effect/cli/Command"'
      },
      { path: "packages/adapters-git/test/Git.test.ts", text: 'import "@batchbrake/core/testing/laws"' }
    ]
    assert.deepEqual(findForbiddenImports(files), [])
  })
})

describe("The checks of a source file", () => {
  it("allow 250 lines and no more", () => {
    assert.equal(finds(findLongFiles, core("a.ts", "x\n".repeat(250))), 0)
    assert.equal(finds(findLongFiles, core("a.ts", "x\n".repeat(251))), 1)
  })

  it.each([
    ["breaker/utils.ts", ""],
    ["types.ts", ""],
    ["breaker/constants.ts", ""],
    ["helpers/pad.ts", ""],
    ["breaker/BreakerManager.ts", ""],
    ["a.ts", "export class BreakerManager {}"],
    ["a.ts", "export const handleEvent = () => 1"],
    ["a.ts", "export const { runInfo } = run"],
    ["a.ts", "export interface StoreImpl {}"],
    ["a.ts", "const x = 1\nexport { x as commonX }"],
    ["a.ts", 'export * as util from "./b.ts"'],
    ["a.ts", "export function* rowData() {}"]
  ])("find the empty name in %s: %s", (path, text) => {
    assert.equal(finds(findBannedNames, core(path, text)), 1)
  })

  it.each([
    ["breaker/Metadata.ts", "export const metadata = 1"],
    ["a.ts", "export interface Row { readonly data: string }"],
    ["a.ts", "const info = 1\nexport const handled = info"]
  ])("let the name in %s stand: %s", (path, text) => {
    assert.equal(finds(findBannedNames, core(path, text)), 0)
  })

  it.each([
    "const at = Date.now()",
    "const at = new Date(0)",
    "const chance = Math.random()",
    "const home = process.env",
    "const read = async () => 1",
    "try { go() } catch {}",
    "const page = fetch(address)",
    "const clock = { now: performance.now() }"
  ])("find what is impure: %s", (text) => {
    assert.equal(finds(findImpurities, core("breaker/a.ts", text)), 1)
    assert.equal(finds(findImpurities, core("program/a.ts", text)), 0)
  })

  it.each([
    "// Date.now() would be impure, and so would try { }",
    'const text = "process.env"',
    "const least = Math.min(1, 2)",
    "const noon = Date.UTC(2026, 0, 1, 12)",
    "const event = { process: 1, at: state.performance }",
    "const entries = policy.async"
  ])("let what is pure stand: %s", (text) => {
    assert.equal(finds(findImpurities, core("breaker/a.ts", text)), 0)
  })

  it.each(["const x: any = 1", "const x = y as any", "const x = y!.z", "const x: Array<any> = []", "// @ts-ignore"])(
    "find the unsafe: %s",
    (text) => {
      assert.equal(finds(findUnsafeTypes, core("a.ts", text)), 1)
    }
  )

  it.each(['const any = "any!"', "// any of these", "const x = a !== b && !c", "let x: unknown"])(
    "let the safe stand: %s",
    (text) => {
      assert.equal(finds(findUnsafeTypes, core("a.ts", text)), 0)
    }
  )
})

describe("The match of rules and tests", () => {
  const spec = "# Spec\n\n- **BR1** A closed breaker admits.\n- **BR2** An open breaker refuses.\n"
  const tests = (text: string): ReadonlyArray<TextFile> => [{ path: "packages/core/test/a.test.ts", text }]

  it("accepts a test for each rule, be it one of several, in a table or in a template", () => {
    assert.deepEqual(matchRulesToTests(spec, tests('it("[BR1] a", f)\nit("[BR1] b", f)\ntest("[BR2] c", f)')), [])
    assert.deepEqual(matchRulesToTests(spec, tests('it.each(rows)("[BR1] [BR2] %s", f)')), [])
    assert.deepEqual(matchRulesToTests(spec, tests("it(`[BR1] $" + "{name}`, f); it.effect('[BR2] b', f)")), [])
  })

  it.each([
    ["a rule without a test", 'it("[BR1] a", f)', "rule BR2 has no test"],
    ["a rule whose test is skipped", 'it("[BR1] a", f); it.skip("[BR2] b", f)', "rule BR2 has no test"],
    ["a rule whose test is commented out", 'it("[BR1] a", f)\n// it("[BR2] b", f)', "rule BR2 has no test"],
    [
      "a test without a rule",
      'it("[BR1][BR2] a", f); it("[BR3] c", f)',
      "packages/core/test/a.test.ts tests BR3, which is no rule"
    ]
  ])("finds %s", (_, text, fault) => {
    assert.deepEqual(matchRulesToTests(spec, tests(text)), [fault])
  })

  it("finds an id that stands twice", () => {
    const faults = matchRulesToTests(`${spec}- **BR1** Again.\n`, tests('it("[BR1] [BR2] a", f)'))
    assert.deepEqual(faults, ["SPEC.md gives the id BR1 twice"])
  })
})

describe("The checks of documents", () => {
  it.each(["No title", "# One\n\n# Two", "```sh\n# a comment\n```", "One\n===\n\n# Two"])(
    "find that a document has not one title: %j",
    (text) => {
      assert.equal(finds(findTitleFaults, { path: "docs/a.md", text }), 1)
    }
  )

  it.each(["# One\n\n## Two", "# One\n\n```sh\n# a comment\n```\n", "One\n===\n", "# One\n\n~~~~md\n# a\n~~~~"])(
    "let a document with one title stand: %j",
    (text) => {
      assert.equal(finds(findTitleFaults, { path: "docs/a.md", text }), 0)
    }
  )

  it("find a decision record that is not linked, and a number that stands twice", () => {
    const record = (name: string): TextFile => ({ path: `docs/adr/${name}`, text: "# A decision" })
    const index = { path: "docs/adr/README.md", text: "# Decisions\n\n- [one](0001-one.md)\n- [two](./0002-two.md)" }
    assert.deepEqual(findDecisionFaults([index, record("0001-one.md"), record("0002-two.md")]), [])
    assert.deepEqual(findDecisionFaults([index, record("0001-one.md"), record("0003-three.md")]), [
      "docs/adr/README.md does not link 0003-three.md"
    ])
    assert.deepEqual(findDecisionFaults([record("0001-one.md"), index, record("0001-uno.md")]), [
      "docs/adr/README.md does not link 0001-uno.md",
      "ADR 0001 stands twice"
    ])
  })

  it("find a script that package.json lacks", () => {
    const readme = { path: "README.md", text: "Run `npm test`, `npm run bench` and `npm ci`." }
    assert.deepEqual(findUnknownScripts([readme], ["test", "bench"]), [])
    assert.equal(findUnknownScripts([readme], ["bench"]).length, 1)
    assert.equal(findUnknownScripts([readme], ["test"]).length, 1)
  })

  it("find a machine's path, and only that", () => {
    const home = ["", "home", "someone", "project"].join("/")
    for (const text of [home, `see ${home}`, `"${home}"`, `(${home})`, `file://${home}`, `a\nb ${home}`])
      assert.equal(finds(findMachinePaths, { path: "docs/a.md", text }), 1, text)
    for (const text of [`https://example.org${home}`, `packages${home}`, "/homeward/", `.${home}`, "/tmp/a"])
      assert.equal(finds(findMachinePaths, { path: "docs/a.md", text }), 0, text)
  })
})

describe("The check of the lock file", () => {
  it("finds an optional package that the lock lacks", () => {
    const wanting = { optionalDependencies: { "tool-linux": "1" } }
    assert.equal(findLockFaults({ packages: { "node_modules/tool": wanting } }).length, 1)
    assert.equal(findLockFaults({ packages: { "": wanting } }).length, 1)
    assert.deepEqual(findLockFaults({ packages: { "node_modules/tool": wanting, "node_modules/tool-linux": {} } }), [])
    const nested = { "node_modules/a/node_modules/tool": wanting, "node_modules/a/node_modules/tool-linux": {} }
    assert.deepEqual(findLockFaults({ packages: nested }), [])
    const elsewhere = { "node_modules/tool": wanting, "node_modules/a/node_modules/tool-linux": {} }
    assert.equal(findLockFaults({ packages: elsewhere }).length, 1)
  })

  it("finds a download address, and lets a link to a workspace stand", () => {
    const locked = (resolved: string): LockFile => ({ packages: { "node_modules/tool": { resolved } } })
    assert.equal(findLockFaults(locked("https://packages.example.org/tool.tgz")).length, 1)
    assert.deepEqual(findLockFaults(locked("packages/core")), [])
  })
})
