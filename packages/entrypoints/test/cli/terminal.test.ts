import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openHangingServer } from "../support/hangingServer.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const hasScript = (() => {
  try {
    return execFileSync("sh", ["-c", "script -qec pwd /dev/null"], { encoding: "utf8" }).includes("/")
  } catch {
    return false
  }
})()

const ESCAPE = "\u001b["
const WIDEST = 110

describe("Text for people", () => {
  let workshop: Workshop
  /** The output of a command that has a terminal, for at most some seconds. */
  const onTerminal = async (
    args: ReadonlyArray<string>,
    environment: NodeJS.ProcessEnv = {},
    seconds = 20
  ): Promise<string> => {
    const by = ["sh", "-c", `exec script -qec "timeout ${seconds} $*" /dev/null`, "sh"]
    return (await workshop.run(args, { by, environment: { TERM: "xterm", ...environment }, keepsInputOpen: true }))
      .stdout
  }
  beforeAll(async () => {
    workshop = await openWorkshop(["npm", "crates.io", "some-ecosystem-of-a-longer"])
    const long =
      "a reason that somebody took their time over, so that whoever comes next has something to read. ".repeat(4)
    await workshop.expecting(0, ["pause", "npm", "--reason", long])
    await workshop.expecting(0, [
      ...["record", "--ecosystem", "crates.io", "--run", "k", "--passed", "0", "--failed", "10"]
    ])
    await workshop.expecting(0, ["gate", "--claim", "--run", "k2"])
  })
  afterAll(() => workshop.dispose())

  it("has no colours without a terminal, no line wider than the page, and breaks no command in two", async () => {
    const verbs = [["gate"], ["status"], ["explain", "npm"], ["explain", "crates.io"], ["audit"]]
    const texts = await Promise.all(verbs.map((args) => workshop.expecting(0, args)))
    for (const { stderr, stdout } of texts) {
      assert.ok(!stdout.includes(ESCAPE))
      assert.deepEqual(
        stdout.split("\n").filter((line) => line.length > WIDEST),
        []
      )
      assert.equal(stderr, "")
    }
    assert.match(texts[0]?.stdout ?? "", /`batchbrake resume npm`/)
  })

  it.runIf(hasScript)(
    "has colours on a terminal, and none where NO_COLOR or a plain terminal says so (needs the program script)",
    async () => {
      assert.ok((await onTerminal(["status", "--local"], {})).length > 0)
      assert.ok((await onTerminal(["gate"])).includes(ESCAPE))
      assert.ok((await onTerminal(["gate"], { NO_COLOR: "" })).includes(ESCAPE))
      assert.ok(!(await onTerminal(["gate"], { NO_COLOR: "1" })).includes(ESCAPE))
      assert.ok(!(await onTerminal(["gate"], { TERM: "dumb" })).includes(ESCAPE))
      assert.ok(!(await onTerminal(["gate", "--json"])).includes(ESCAPE))
    }
  )

  it.runIf(hasScript)(
    "tells a person who waits, once, and neither a log nor a reader of JSON (needs the program script)",
    async () => {
      const server = await openHangingServer()
      const remote = `http://127.0.0.1:${server.port}/registry.git`
      const waits = ["gate", "--remote", remote]
      const [person, reader] = await Promise.all([onTerminal(waits, {}, 4), onTerminal([...waits, "--json"], {}, 4)])
      assert.equal(person.match(/batchbrake: waiting for the remote/g)?.length, 1)
      assert.ok(!reader.includes("waiting"))
      const stop = ["pause", "--reason", "r", "--remote", "http://127.0.0.1:1/registry.git"]
      const insisting = await onTerminal(stop, {}, 4)
      assert.equal(insisting.match(/cannot reach batch-control.*; trying again, Ctrl-C ends it/g)?.length, 1)
      const running = workshop.begin(waits)
      setTimeout(() => running.kill("SIGTERM"), 2500)
      assert.ok(!(await running.ended).stderr.includes("waiting"))
      await server.close()
    }
  )
})
