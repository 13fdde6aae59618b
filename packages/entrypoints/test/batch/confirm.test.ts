import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openRegistry, type Registry } from "../support/Registry.ts"

const hasScript = (() => {
  try {
    return execFileSync("sh", ["-c", "script -qec pwd /dev/null"], { encoding: "utf8" }).includes("/")
  } catch {
    return false
  }
})()

describe("A rollback on a terminal", () => {
  let registry: Registry
  let id: string
  /** What a person sees who types an answer once the question is there. */
  const answering = async (typed: string, ...more: ReadonlyArray<string>) => {
    const line = `sleep 2; printf '${typed}'; sleep 4`
    const by = ["sh", "-c", `{ ${line}; } | script -qec "$*" /dev/null; exit 0`, "sh"]
    const { stdout } = await registry.run(["rollback", id, ...more], {
      by,
      environment: { NO_COLOR: "1", TERM: "xterm" }
    })
    return stdout.replaceAll("\r", "")
  }
  const branches = (): string => registry.git(registry.remote, "for-each-ref", "refs/heads/rollback")
  beforeAll(async () => {
    registry = await openRegistry()
    registry.onBranch("work", { "recipes/fresh.toml": "1\n" })
    id = await registry.sealed("work")
    registry.git(registry.clone, "merge", "-q", "--ff-only", "work")
    registry.push("main")
  })
  afterAll(() => registry.dispose())

  it.runIf(hasScript)("shows the plan and asks; anything but a yes is a no (needs the program script)", async () => {
    const [no, nothing] = await Promise.all([answering("n\\n"), answering("\\n")])
    for (const seen of [no, nothing]) {
      assert.match(seen, /^recipes\/fresh.toml +delete +added, and not changed since$/m)
      assert.match(seen, /Make this one commit, on a branch of its own\? \[y\/N\]/)
      assert.match(seen, /nothing was done\n$/)
    }
    assert.equal(branches(), "")
  })

  it.runIf(hasScript)("does it after a yes, and asks nobody with --json (needs the program script)", async () => {
    assert.match(await answering("", "--json"), /"outcome": "planned"/)
    assert.equal(branches(), "")
    assert.match(await answering("y\\n"), /y\/N\](?: y\n| )\S+: 1 path put back\nbranch rollback\//)
    assert.notEqual(branches(), "")
  })
})
