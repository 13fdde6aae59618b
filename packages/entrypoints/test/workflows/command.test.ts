/** The step that runs the repository's own command, as it is generated, ended from outside. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Policy from "@batchbrake/core/policy/Policy"
import { DEFAULTS, planOf } from "@batchbrake/entrypoints/workflows/Plan"
import { batch } from "@batchbrake/entrypoints/workflows/workflow/batch"
import * as Result from "effect/Result"
import { afterEach, beforeEach, describe, it } from "vitest"
import { readWorkflow } from "../support/runner/WorkflowFile.ts"

const PLAN = Result.getOrThrow(planOf(DEFAULTS, Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"])))))

describe("The step of the repository's own command (SPEC.md WF)", () => {
  let directory = ""
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "command-"))
  })
  afterEach(() => rmSync(directory, { force: true, recursive: true }))

  /** Runs the step with a command; ends it by a signal once the command speaks. Answers when nothing of it is left. */
  const run = (command: string): Promise<number | null> => {
    const { generate } = readWorkflow(batch(PLAN)).jobs
    const step = generate?.steps.find(({ name }) => name === "Make and validate recipes")
    mkdirSync(join(directory, ".github/batchbrake"), { recursive: true })
    writeFileSync(join(directory, ".github/batchbrake/batch.sh"), command)
    writeFileSync(join(directory, "step.sh"), step?.run ?? "")
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "step.sh"], {
      cwd: directory,
      env: { PATH: process.env.PATH, RUNNER_TEMP: directory },
      timeout: 20_000
    })
    child.stdout.on("data", () => child.kill("SIGTERM"))
    return new Promise((resolve, reject) => {
      child.on("error", reject)
      child.on("close", resolve)
    })
  }
  const minutes = (): string => readFileSync(join(directory, "report/minutes.txt"), "utf8")

  it("[WF31] states the minutes of a command that fails, and ends as it does", async () => {
    assert.equal(await run("exit 3"), 3)
    assert.equal(minutes(), "linux=1\n")
  })

  it("[WF31] states the minutes of a command that is ended from outside, and leaves nothing of it running", async () => {
    assert.equal(await run("echo ready; exec sleep 60"), 130)
    assert.equal(minutes(), "linux=1\n")
  })
})
