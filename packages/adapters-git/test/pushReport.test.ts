import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { parsePushReport } from "../src/internal/pushReport.ts"

const line = (flag: string, summary: string): string =>
  `To ../remote.git\n${flag}\tabc:refs/heads/control\t${summary}\n`

describe("The report of a push", () => {
  it.each([
    [`${line(" ", "123..456")}Done\n`, "accepted", "123..456"],
    [`${line("*", "[new branch]")}Done\n`, "accepted", "[new branch]"],
    [`${line("=", "[up to date]")}Done\n`, "up-to-date", "[up to date]"],
    [line("!", "[rejected] (stale info)"), "behind", "stale info"],
    [line("!", "[rejected] (fetch first)"), "behind", "fetch first"],
    [line("!", "[rejected] (non-fast-forward)"), "behind", "non-fast-forward"],
    [line("!", "[remote rejected] (pre-receive hook declined)"), "rejected", "pre-receive hook declined"],
    [line("!", "[remote rejected] (cannot lock ref (again))"), "rejected", "cannot lock ref (again)"],
    [line("!", "[remote failure] (remote failed to report status)"), "no-report", "remote failed to report status"],
    ["", "no-report", ""],
    ["To ../remote.git\n", "no-report", ""]
  ])("%j is read", (stdout, kind, reason) => {
    assert.deepEqual(parsePushReport(stdout), { kind, reason })
  })
})
