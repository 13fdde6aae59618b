import { existsSync } from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Ended, removeTemporary, runDemonstration, runProgram } from "./demonstration.ts"

const PATIENCE_MILLIS = 240_000

/** The lines of the timeline that tell of one thing, each as its time. */
const timesOf = ({ stdout }: Ended, what: string): ReadonlyArray<string> =>
  stdout.split("\n").flatMap((line) => {
    const [, time, , told] = /^\d{4}-\d\d-\d\d (\d\d:\d\d) {2}(\S+(?: of 6)?) +(.+?) {2}/.exec(line) ?? []
    return time !== undefined && told?.trim() === what ? [time] : []
  })

describe("the quick start", () => {
  let played: Ended = { exitCode: null, stderr: "", stdout: "" }
  let commands: ReadonlyArray<string> = []

  beforeAll(() => {
    played = runDemonstration("quickstart")
    const [, listed = ""] = /To try:\n\n((?: {2}.+\n)+)/.exec(played.stdout) ?? []
    commands = listed.trimEnd().split("\n")
  }, PATIENCE_MILLIS)
  afterAll(removeTemporary)

  it("ends by itself and keeps every promise that it checks", () => {
    assert.strictEqual(played.stderr, "")
    assert.strictEqual(played.exitCode, 0)
    assert.notInclude(played.stdout, "NOT SO")
    assert.lengthOf(played.stdout.match(/^ok {2}/gm) ?? [], 12)
  })

  it("tells of one trip, the failed probes and the recovery at their times", () => {
    assert.deepStrictEqual(timesOf(played, "TRIP"), ["03:10"])
    assert.deepStrictEqual(timesOf(played, "probe"), ["05:00", "07:00", "10:00"])
    assert.deepStrictEqual(timesOf(played, "reopened"), ["05:10", "07:10"])
    assert.deepStrictEqual(timesOf(played, "recovered"), ["10:10"])
  })

  it("tells of holds while cooling down, while paused and while the week's minutes are spent", () => {
    assert.deepStrictEqual(timesOf(played, "hold"), ["04:00", "06:00", "08:00", "09:00", "12:00", "17:00"])
    assert.include(played.stdout, "4 cooling-down, 6 paused, 6 budget-exhausted")
  })

  it("tells when the minutes pass 80 % and 95 %, and when the operator pauses and resumes", () => {
    assert.deepStrictEqual(timesOf(played, "80 %"), ["11:10", "11:10"])
    assert.deepStrictEqual(timesOf(played, "95 %"), ["16:10"])
    assert.deepStrictEqual(timesOf(played, "pause"), ["11:59"])
    assert.deepStrictEqual(timesOf(played, "resume"), ["12:59"])
  })

  it("colours nothing where nobody looks", () => {
    assert.notInclude(played.stdout, "\u001b")
  })

  it("prints commands that work when they are pasted", { timeout: PATIENCE_MILLIS }, () => {
    assert.lengthOf(commands, 7)
    const pasted = runProgram("bash", ["-e"], commands.join("\n"))
    assert.strictEqual(pasted.exitCode, 0, pasted.stderr)
    assert.match(pasted.stdout, /npm +closed/)
    assert.include(pasted.stdout, "npm: hold at")
    assert.include(pasted.stdout, "run key try-1")
    assert.match(pasted.stdout, /^npm: 5 of 6 passed$/m)
    assert.match(pasted.stdout, /^npm: admitted$/m)
  })

  it("says how to remove what it leaves", () => {
    const [, root = ""] = /^`rm -rf '(.+)'` removes it\.$/m.exec(played.stdout) ?? []
    assert.isTrue(existsSync(root))
    assert.strictEqual(runProgram("rm", ["-rf", root]).exitCode, 0)
    assert.isFalse(existsSync(root))
  })
})
