import { strict as assert } from "node:assert"
import { tmpdir } from "node:os"
import { GitFailed, type Invocation, run, succeed } from "@batchbrake/adapters-git/GitProgram"
import * as Effect from "effect/Effect"
import { describe, it } from "vitest"
import { redact } from "../src/internal/redact.ts"
import { processesNaming } from "./support/processesNaming.ts"

const shell = (script: string, timeoutMillis = 10_000): Invocation => ({
  args: ["-c", `alias.do=!${script}`, "do"],
  cwd: tmpdir(),
  environment: { GIT_DIR: "/nowhere" },
  timeoutMillis
})

describe("A git program", () => {
  it("gets its input and answers its output, exit code and complaints", async () => {
    const output = await Effect.runPromise(run({ ...shell("cat; echo oops >&2; exit 3"), stdin: "grün" }))
    assert.deepEqual([output.exitCode, output.stdout.toString("utf8"), output.stderr], [3, "grün", "oops\n"])
    const failure = await Effect.runPromise(Effect.flip(succeed(shell("echo oops >&2; exit 3"))))
    assert.ok(failure instanceof GitFailed)
    assert.deepEqual([failure.reason, failure.exitCode, failure.stderr], ["exit", 3, "oops\n"])
  })

  it("that takes too long is ended, with all that it started", async () => {
    const started = performance.now()
    const failure = await Effect.runPromise(Effect.flip(run(shell("sleep 987.1 & sleep 987.2", 400))))
    assert.equal(failure.reason, "time-out")
    assert.ok(performance.now() - started < 3_000)
    assert.deepEqual(processesNaming("sleep 987"), [])
  })

  it("that will not end when asked is killed", async () => {
    const failure = await Effect.runPromise(Effect.flip(run(shell("trap '' TERM; sleep 986.1; sleep 986.2", 300))))
    assert.equal(failure.reason, "time-out")
    assert.deepEqual(processesNaming("sleep 986"), [])
  })

  it("that is interrupted is ended before the interruption is over", async () => {
    await Effect.runPromise(Effect.ignore(Effect.timeout(run(shell("sleep 985.1")), 300)))
    assert.deepEqual(processesNaming("sleep 985"), [])
  })

  it("is not waited for because of a daemon that it left behind", async () => {
    const started = performance.now()
    const output = await Effect.runPromise(run(shell("sleep 3 & echo done")))
    assert.equal(output.stdout.toString("utf8"), "done\n")
    assert.ok(performance.now() - started < 2_500)
  })

  it("that cannot be started says why: no directory, an argument that is none", async () => {
    const nowhere = await Effect.runPromise(Effect.flip(run({ ...shell("true"), cwd: "/nowhere/at/all" })))
    assert.deepEqual([nowhere.reason, nowhere.stderr], ["not-started", "/nowhere/at/all does not exist"])
    const nul = await Effect.runPromise(Effect.flip(run({ ...shell("true"), args: ["\0"] })))
    assert.equal(nul.reason, "not-started")
  })

  it("names no credential when it fails", async () => {
    const failing = shell("echo fatal: http://user:s3cret@example.org/x >&2; exit 1")
    const failure = await Effect.runPromise(
      Effect.flip(succeed({ ...failing, args: [...failing.args, "x://a:s3cret@b/c"] }))
    )
    assert.ok(!JSON.stringify([failure, failure.message]).includes("s3cret"))
    assert.ok(failure.message.includes("http://***@example.org/x"))
  })
})

describe("Credentials are taken out of a text", () => {
  it.each([
    ["http://user:pass@host/x", "http://***@host/x"],
    ["'https://token@host/a' and ssh://me@host/b", "'https://***@host/a' and ssh://***@host/b"],
    ["https://user:p@ss@host/x", "https://***@host/x"],
    ["Authorization: Basic abc=", "Authorization: Basic ***"],
    ["AUTHORIZATION: bearer abc", "AUTHORIZATION: bearer ***"],
    ["git@host:path", "git@host:path"],
    ["http://host/x@y", "http://host/x@y"]
  ])("%s", (text, expected) => {
    assert.equal(redact(text), expected)
  })
})
