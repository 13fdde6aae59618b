import { strict as assert } from "node:assert"
import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, it } from "vitest"
import { script } from "../support/Command.ts"
import { FORGE_TOKEN, type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const VERBS = [
  ...["gate", "record", "abandon", "status", "explain", "pause", "resume", "reset", "budget", "audit"],
  ...["sli", "alerts"],
  ...["policy check"]
]

const examplesOf = async (workshop: Workshop, verb: string): Promise<ReadonlyArray<string>> => {
  const { stdout } = await workshop.expecting(0, [...verb.split(" "), "--help"])
  const [, examples = ""] = stdout.split("\nExamples:\n")
  return examples.split("\n").flatMap((line) => (line.startsWith("  ") && !/^ {3}/.test(line) ? [line.trim()] : []))
}

/** Puts the command on the path, and what the examples speak of into the clone. */
const equip = (workshop: Workshop, forge: ForgeServer) => {
  const programs = join(workshop.directory, "programs")
  mkdirSync(programs)
  const program = join(programs, "batchbrake")
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${script()}' "$@"\n`)
  chmodSync(program, 0o755)
  workshop.write("results.jsonl", '{"recipe":"recipes/a.rb","status":"passed"}\n')
  workshop.write("batch-control.json", '{"enabled": true}\n')
  const env = {
    ...workshop.environment,
    GITHUB_API_URL: forge.url,
    GITHUB_REPOSITORY: "octo/registry",
    GITHUB_RUN_ID: "4711",
    GITHUB_TOKEN: FORGE_TOKEN,
    PATH: `${programs}${delimiter}${workshop.environment.PATH}`
  }
  return (line: string) => promisify(execFile)("sh", ["-ec", line], { cwd: workshop.clone, env })
}

describe("The examples in the help", () => {
  let workshop: Workshop
  let forge: ForgeServer
  let shell: ReturnType<typeof equip>
  beforeAll(async () => {
    forge = await serveForge()
    workshop = await openWorkshop(["npm", "pypi", "homebrew"])
    await workshop.expecting(0, ["init", "--local"])
    shell = equip(workshop, forge)
  })
  afterAll(async () => {
    await forge.close()
    workshop.dispose()
  })

  it.each(VERBS)("of %s work as they stand", async (verb) => {
    const examples = await examplesOf(workshop, verb)
    assert.ok(examples.length > 0)
    for (const example of examples) assert.notEqual((await shell(example)).stdout, "", example)
  })

  it("of init work in a repository that has nothing yet", async () => {
    const examples = await examplesOf(workshop, "init")
    assert.ok(examples.length > 0)
    for (const example of examples) {
      const empty = await openWorkshop()
      assert.match((await equip(empty, forge)(example)).stdout, /created the control branch/)
      empty.dispose()
    }
  })
})
