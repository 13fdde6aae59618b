/** The step that takes patches in, as it is generated, alone: what each answer about them comes to. */
import { strict as assert } from "node:assert"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Policy from "@batchbrake/core/policy/Policy"
import { DEFAULTS, planOf } from "@batchbrake/entrypoints/workflows/Plan"
import { batch } from "@batchbrake/entrypoints/workflows/workflow/batch"
import * as Result from "effect/Result"
import { afterEach, beforeEach, describe, it } from "vitest"
import { hasJq } from "../support/hasJq.ts"
import { commandsIn, readAssignments } from "../support/runner/RunnerFile.ts"
import { readWorkflow } from "../support/runner/WorkflowFile.ts"

const PLAN = Result.getOrThrow(planOf(DEFAULTS, Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"])))))

/** In the program that stands in for the command: whether the tree that it is asked about has the file `odd`. */
const KNOWN = `git ls-tree -r --name-only "$(echo "$5" | cut -d= -f2)" | grep -q odd`

describe.skipIf(!hasJq)("The step that takes patches in (SPEC.md LI; needs the program jq)", () => {
  let directory = ""
  let clone = ""
  const environment = (): NodeJS.ProcessEnv => ({
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    HOME: directory,
    PATH: process.env.PATH
  })
  const git = (...args: ReadonlyArray<string>): string =>
    execFileSync("git", args, { cwd: clone, encoding: "utf8", env: environment() })
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "apply-"))
    clone = join(directory, "clone")
    mkdirSync(clone)
    git("init", "-q")
    git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "Begin")
  })
  afterEach(() => rmSync(directory, { force: true, recursive: true }))

  const patchOf = (path: string): string =>
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+made\n`

  /** Runs the step on patches, with a program in the command's place that ends as told. */
  const run = (patches: Readonly<Record<string, string>>, ends: string) => {
    for (const [ecosystem, patch] of Object.entries(patches)) {
      mkdirSync(join(directory, `reports/report-${ecosystem}`), { recursive: true })
      writeFileSync(join(directory, `reports/report-${ecosystem}/changes.patch`), patch)
    }
    const node = join(directory, "node")
    writeFileSync(node, `#!/bin/sh\n${ends}\n`)
    chmodSync(node, 0o755)
    const step = readWorkflow(batch(PLAN)).jobs.propose?.steps.find(({ id }) => id === "apply")
    const output = join(directory, "output")
    const { status, stdout } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? ""], {
      cwd: clone,
      encoding: "utf8",
      env: {
        ...environment(),
        ECOSYSTEMS: JSON.stringify(Object.keys(patches)),
        GITHUB_OUTPUT: output,
        LEFT: "maven npm",
        NODE: node,
        POLICY: "origin/main:batch-policy.json",
        REPORTS: join(directory, "reports"),
        RUNNER_TEMP: directory
      },
      timeout: 20_000
    })
    const outputs = existsSync(output) ? readAssignments(readFileSync(output, "utf8")) : new Map<string, string>()
    return { commands: commandsIn(stdout), outputs, status, stdout }
  }

  it("[LI12] proposes the tree of those that are fit, and of those alone", () => {
    const ends = `${KNOWN} || exit 0; echo '{"refusal":{"message":"100% odd"}}'; exit 1`
    const { commands, outputs, status } = run({ cask: patchOf("a"), gem: patchOf("odd"), npm: patchOf("b") }, ends)
    assert.deepEqual(
      commands.map(({ message, properties }) => [properties.title, message]),
      [["gem is left out", "100% odd"]]
    )
    assert.deepEqual([status, outputs.get("ecosystems"), outputs.get("left")], [0, '["cask","npm"]', "maven npm gem"])
    assert.equal(git("ls-tree", "-r", "--name-only", outputs.get("tree") ?? ""), "a\nb\n")
  })

  it.each([
    ["the store is away", `echo '{"error":{"message":"cannot reach origin"}}'; exit 4`],
    ["the policy cannot be read", `echo '{"error":{"message":"no policy"}}'; exit 2`],
    ["it says nothing at all", "exit 139"]
  ])("[LI12] proposes nothing where nobody can tell what is content: %s", (_, ends) => {
    const { commands, outputs, status } = run(
      { cask: patchOf("a"), npm: patchOf("odd") },
      `${KNOWN} || exit 0; ${ends}`
    )
    assert.equal(status, 1)
    assert.match(commands[0]?.message ?? "", /^nobody can tell whether the changes of npm are content: /)
    assert.equal(outputs.size, 0)
  })

  it("[LI12] proposes nothing where nothing is fit", () => {
    const { commands, outputs, status } = run({ npm: "cut off", pypi: "" }, "exit 0")
    assert.equal(status, 1)
    assert.match(commands.at(-1)?.message ?? "", /^nothing of this run is fit/)
    assert.equal(outputs.size, 0)
  })

  it.each([".github/x", ".GitHub/x", ".github", "batch-policy.json", "Batch-Policy.json", ".gitmodules"])(
    "[WF24] ends the whole run for a change of %s",
    (path) => {
      const { outputs, status, stdout } = run({ cask: patchOf("a"), npm: patchOf(path) }, "exit 0")
      assert.match(stdout, /::error::the changes of npm touch workflows, brakes or policy/)
      assert.deepEqual([status, outputs.size], [1, 0])
    }
  )

  it("[LI12] lets no path of a patch be a command of the log", () => {
    const odd = patchOf("x").replaceAll("b/x", '"b/y\\n::set-output name=tree::1\\n##[error]z"')
    const missing = `diff --git a/x b/x\n--- a/::error::owned ####[[warning]y\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n`
    const { commands, stdout } = run({ cask: odd, npm: missing }, "exit 0")
    assert.deepEqual(
      commands.map(({ command }) => command).filter((command) => command !== "error"),
      []
    )
    assert.match(stdout, /^::stop-commands::stop_[0-9a-f]{32}$/m)
    assert.ok(commands.every(({ message }) => !message.startsWith("owned")))
  })
})
