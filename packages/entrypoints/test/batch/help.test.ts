import { strict as assert } from "node:assert"
import { execFile } from "node:child_process"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, it } from "vitest"
import { script } from "../support/Command.ts"
import { FORGE_TOKEN, type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { openRegistry, type Registry } from "../support/Registry.ts"

/** In the order in which a batch goes through them, so that the example of each finds what it speaks of. */
const VERBS = [
  "batch open",
  "batch seal",
  "batch check",
  "batch merged",
  "batch list",
  "batch show",
  "batch adopt",
  "batch",
  "rollback",
  "batch proposed"
]
const ID = "2026-01-05-001"

describe("The help of batches", () => {
  let registry: Registry
  let forge: ForgeServer
  const shell = (line: string) =>
    promisify(execFile)("sh", ["-ec", line], {
      cwd: registry.clone,
      env: {
        ...registry.environment,
        GITHUB_API_URL: forge.url,
        GITHUB_REPOSITORY: "octo/registry",
        GITHUB_TOKEN: FORGE_TOKEN,
        PATH: `${join(registry.directory, "programs")}${delimiter}${registry.environment.PATH}`
      }
    })
  /** What has to be done between two verbs. */
  const before: Readonly<Record<string, () => unknown>> = {
    "batch merged": () => {
      registry.git(registry.clone, "push", "-q", "origin", "HEAD:main")
    },
    "batch seal": async () => {
      await registry.json(0, "batch", "open", "--ecosystem", "npm", "--at", `${ID.slice(0, 10)}T00:00:00Z`)
      registry.git(registry.clone, "switch", "-q", "-c", "work")
      registry.commit({ "recipes/fresh.toml": "1\n" }, "Add a recipe")
    }
  }
  beforeAll(async () => {
    registry = await openRegistry()
    forge = await serveForge()
    mkdirSync(join(registry.directory, "programs"))
    const program = join(registry.directory, "programs/batchbrake")
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${script()}' "$@"\n`)
    chmodSync(program, 0o755)
  })
  afterAll(async () => {
    await forge.close()
    registry.dispose()
  })

  it.each(VERBS)("has usage, every option and examples that work as they stand, for %s", async (verb) => {
    const words = verb.split(" ")
    const [asked, named] = await Promise.all([
      registry.expecting(0, [...words, "--help"]),
      registry.expecting(0, ["help", ...words])
    ])
    assert.equal(asked.stdout, named.stdout)
    assert.match(asked.stdout, new RegExp(`^Usage: batchbrake ${verb}`, "m"))
    assert.ok(asked.stdout.split("\n").every((line) => line.length <= 110))
    const usage = /^Usage: [\s\S]*?\n\n/m.exec(asked.stdout)?.[0] ?? ""
    for (const option of usage.match(/--[a-z-]+/g) ?? []) assert.match(asked.stdout, new RegExp(`^  ${option}`, "m"))
    await before[verb]?.()
    const [, examples = ""] = asked.stdout.split("\nExamples:\n")
    const lines = examples.split("\n").filter((line) => line.startsWith("  batchbrake "))
    assert.ok(lines.length > 0)
    for (const line of lines) assert.notEqual((await shell(line.trim())).stdout, "", line)
  })

  it("of batch alone names the verbs behind it", async () => {
    const { stdout } = await registry.expecting(0, ["batch", "--help"])
    for (const verb of VERBS.slice(0, 7)) assert.match(stdout, new RegExp(`^ {2}${verb} `, "m"))
  })

  it("ends with a line that a shell takes as it stands", async () => {
    const program = join(registry.directory, "programs/gh")
    writeFileSync(program, '#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\n')
    chmodSync(program, 0o755)
    const reason = 'it\'s $HOME `broken`; rm -rf / "really"'
    registry.onBranch("again", { "recipes/again.toml": "1\n" })
    const id = await registry.sealed("again")
    registry.git(registry.clone, "push", "-q", "origin", "again:main")
    const { stdout } = await registry.expecting(0, ["rollback", id, "--yes", "--reason", reason])
    const [, line = ""] = /`(gh .*)`$/m.exec(stdout) ?? []
    assert.deepEqual((await shell(line)).stdout.trim().split("\n"), [
      ...["<pr>", "<create>", "<--head>", `<rollback/${id}>`],
      ...["<--title>", `<Roll back batch ${id}>`, "<--body>", `<${reason.replaceAll("`", "'")}>`]
    ])
  })
})
