import { strict as assert } from "node:assert"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest"
import { type HangingServer, openHangingServer } from "../support/hangingServer.ts"
import { processesNaming } from "../support/processTree.ts"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

/** Nothing listens on the first port. */
const NOBODY = "127.0.0.1:1"
const SECRET = "gh0st-t0ken"
const REPORT = ["record", "--ecosystem", "npm", "--run", "k", "--passed", "1", "--failed", "0"]
/** Verbs that do not wait for a person's stop to be confirmed. */
const PROMPT: ReadonlyArray<ReadonlyArray<string>> = [
  ["gate", "--claim"],
  ["gate"],
  REPORT,
  ["abandon", "--run", "k"],
  ["status"],
  ["explain", "npm"],
  ["audit"],
  ["init"]
]

describe("A remote out of reach", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop(["npm", "pypi"])
  })
  afterAll(() => workshop.dispose())

  it.each(PROMPT.map((args) => [args.join(" "), args] as const))(
    "is told soon and with 4, and shows no secret: %s",
    async (_, args) => {
      const address = `http://operator:${SECRET}@${NOBODY}/registry.git?token=${SECRET}`
      const ended = await workshop.run([...args, "--remote", address, "--json"])
      assert.equal(ended.exitCode, 4)
      assert.ok(ended.seconds < 10, `${ended.seconds} s`)
      assert.equal(Object(JSON.parse(ended.stdout).error).code, "store-unavailable")
      assert.match(ended.stderr, /^batchbrake: cannot reach batch-control on http:\/\/\*\*\*@127[^\n]*\n$/)
      assert.ok(!`${ended.stdout}${ended.stderr}`.includes(SECRET))
    }
  )

  it("holds every ecosystem at the gate", async () => {
    const held = await workshop.json(4, ["gate", "--remote", `http://${NOBODY}/registry.git`])
    assert.equal(held.can_proceed, false)
    assert.deepEqual(
      Object(held.ecosystems).map(({ decision, ecosystem }: Json) => `${ecosystem} ${decision}`),
      ["npm hold", "pypi hold"]
    )
  })

  it("shows no secret of a configured remote, of a header, or of an address that is rewritten", async () => {
    const { clone, git } = workshop
    git(clone, "remote", "add", "secret", `http://operator:${SECRET}@${NOBODY}/registry.git`)
    git(clone, "config", "http.extraHeader", `AUTHORIZATION: basic ${SECRET}`)
    git(clone, "config", `url.http://x:${SECRET}@${NOBODY}/.insteadOf`, "short:")
    for (const remote of ["secret", "short:registry.git"]) {
      for (const args of [["gate"], REPORT]) {
        const ended = await workshop.run([...args, "--remote", remote])
        assert.equal(ended.exitCode, 4)
        assert.ok(!`${ended.stdout}${ended.stderr}`.includes(SECRET), ended.stderr)
      }
    }
  })

  it("is what a remote name that looks like an option or a program comes to", async () => {
    for (const remote of ["--upload-pack=touch taken", "ext::touch taken", "-x"]) {
      const ended = await workshop.run(["gate", `--remote=${remote}`])
      assert.equal(ended.exitCode, 4, ended.stderr)
    }
    assert.equal(workshop.git(workshop.clone, "status", "--porcelain"), "")
  })
})

describe("A signal", () => {
  let workshop: Workshop
  let server: HangingServer
  beforeEach(async () => {
    workshop = await openWorkshop(["npm"])
    server = await openHangingServer()
  })
  afterEach(async () => {
    await server.close()
    workshop.dispose()
  })

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129]
  ] as const)(
    "%s ends a wait for a hanging remote, its programs and its directory within two seconds",
    async (signal, code) => {
      const remote = `http://127.0.0.1:${server.port}/registry.git`
      const running = workshop.begin(["gate", "--claim", "--json", "--remote", remote])
      await server.reached
      const sent = performance.now()
      running.kill(signal)
      const ended = await running.ended
      assert.ok(performance.now() - sent < 2000)
      assert.equal(ended.exitCode, code)
      assert.equal(JSON.parse(ended.stdout).error.code, "interrupted")
      assert.match(ended.stderr, new RegExp(`ended by ${signal}`))
      assert.deepEqual(processesNaming(`:${server.port}/`), [])
      assert.deepEqual(readdirSync(join(workshop.directory, "tmp")), [])
    }
  )

  it("ends a wait for standard input", async () => {
    const running = workshop.begin(["record", "--ecosystem", "npm", "--run", "k", "--results", "-"], {
      keepsInputOpen: true
    })
    await new Promise((resolve) => {
      setTimeout(resolve, 1000)
    })
    running.kill("SIGTERM")
    const ended = await running.ended
    assert.equal(ended.exitCode, 143)
    assert.ok(ended.seconds < 10)
  })

  it.runIf(existsSync("/dev/full"))(
    "is not needed to say that the answer could not be written (needs /dev/full)",
    async () => {
      const ended = await workshop.run(["status"], { by: ["sh", "-c", '"$@" > /dev/full', "sh"] })
      assert.equal(ended.exitCode, 2)
      assert.match(ended.stderr, /^batchbrake: the output cannot be written: ENOSPC/)
    }
  )

  it("is not needed where the reader of the output has gone", async () => {
    const ended = await workshop.run(["status"], { by: ["sh", "-c", '"$@" | head -c 1', "sh"] })
    assert.deepEqual([ended.exitCode, ended.stdout, ended.stderr], [0, "E", ""])
  })
})
