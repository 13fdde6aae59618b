/**
 * Does what docs/testing.md tells a user to do: a repository of its own with a policy and the tests that the document
 * shows, in which the packages are installed, and vitest run in it.
 */
import { strict as assert } from "node:assert"
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LAWS } from "@batchbrake/core/testing/laws/laws"
import { afterAll, beforeAll, describe, it } from "vitest"
import { fencesOf } from "./documents/Fence.ts"

const ROOT = join(import.meta.dirname, "..")
const DOCUMENT = "docs/testing.md"
const GOOD = { version: 1, ecosystems: { homebrew: {}, npm: {} } }
const TOO_LONG_MILLIS = 120_000

interface Ended {
  readonly exitCode: number
  readonly printed: string
}

describe("A repository that tests its own policy", () => {
  let directory = ""
  let text = ""
  const runTests = (policy: unknown, ...files: ReadonlyArray<string>): Promise<Ended> =>
    writeFile(join(directory, "batch-policy.json"), JSON.stringify(policy)).then(
      () =>
        new Promise((resolve) => {
          const { PATH } = process.env
          execFile(
            process.execPath,
            [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--no-color", "--reporter=verbose", ...files],
            { cwd: directory, env: { HOME: directory, PATH, TMPDIR: directory }, timeout: TOO_LONG_MILLIS },
            (error, stdout, stderr) => {
              const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1
              resolve({ exitCode, printed: stdout + stderr })
            }
          )
        })
    )
  beforeAll(async () => {
    text = await readFile(join(ROOT, DOCUMENT), "utf8")
    directory = await mkdtemp(join(tmpdir(), "own-policy-"))
    const modules = join(directory, "node_modules")
    await mkdir(join(modules, "@batchbrake"), { recursive: true })
    await symlink(join(ROOT, "packages/core"), join(modules, "@batchbrake/core"))
    for (const name of ["effect", "fast-check", "vitest"])
      await symlink(join(ROOT, "node_modules", name), join(modules, name))
    await writeFile(join(directory, "package.json"), '{ "type": "module" }\n')
    const tests = fencesOf(DOCUMENT, text).filter(({ words }) => words.join(" ") === "ts vitest")
    assert.equal(tests.length, 2)
    for (const [index, fence] of tests.entries()) await writeFile(join(directory, `own-${index}.test.ts`), fence.text)
  })
  afterAll(() => rm(directory, { force: true, recursive: true }))

  it(
    "passes with a policy that keeps what it promises",
    async () => {
      const { exitCode, printed } = await runTests(GOOD)
      assert.equal(exitCode, 0, printed)
      assert.match(printed, new RegExp(`Tests {2}${LAWS.length + 2} passed`))
    },
    TOO_LONG_MILLIS
  )

  it(
    "fails with one that does not",
    async () => {
      const { exitCode, printed } = await runTests({ ...GOOD, breaker: { threshold: 0 } }, "own-1")
      assert.equal(exitCode, 1, printed)
      assert.match(printed, /× own-1\.test\.ts > stops npm/)
    },
    TOO_LONG_MILLIS
  )

  it("finds every law in the document's table, in its order", () => {
    const rows = [...text.matchAll(/^\| ([a-z ]+) \| ([A-Z]{2}\d+(?:, [A-Z]{2}\d+)*) \| (.*) \|$/gm)]
    assert.deepEqual(
      rows.map(([, name, rules, says]) => [name, rules, says]),
      LAWS.map(({ name, rules, says }) => [name, rules.join(", "), says])
    )
  })
})
