import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openRegistry, type Registry } from "../support/Registry.ts"
import { assertShape, ErrorShape } from "../support/Shape.ts"

/** Command lines that are wrong in themselves, and what the answer has to name. */
const WRONG: ReadonlyArray<readonly [string, RegExp]> = [
  ["batch", /batch alone does nothing; right behind it comes one of: open, check, seal/],
  ["batch opne", /batch has no verb "opne"/],
  ["batch open", /at least one ecosystem: --ecosystem E/],
  ["batch open --ecosystem NPM", /found "NPM"/],
  ["batch open npm", /"npm" is one word too many/],
  ["batch check --head main", /--base is missing/],
  ["batch check ID --base main --head main", /"ID" is one word too many/],
  ["batch seal", /takes one batch, by its ID or by an alias/],
  ["batch seal ID", /--base is missing/],
  ["batch seal ID --base main", /--head is missing/],
  ["batch merged ID", /--commit is missing/],
  ["batch list --paths", /no option --paths/],
  ["batch show", /takes one batch/],
  ["batch adopt", /one of --match REGEX, --trailer KEY and --commit REV/],
  ["batch adopt --match a --trailer b", /one of --match REGEX/],
  ["batch adopt --match (", /--match: Invalid regular expression/],
  ["rollback", /takes one batch/],
  ["rollback ID OTHER", /takes one batch/],
  ["rollback ID --on-changed merge", /--on-changed: found "merge", expected one of skip, three-way, force/],
  ["rollback ID --dry-run --yes", /exclude each other/],
  ["rollback ID --pr --dry-run", /--dry-run and --pr exclude each other/],
  ["rollback ID --pr --local", /--local has no forge/]
]

describe("A batch is refused", () => {
  let registry: Registry
  /** A sealed batch, merged onto the content branch. */
  let id: string
  let open: string
  const refused = async (exitCode: number, code: string, says: RegExp, ...args: ReadonlyArray<string>) => {
    const { error, ...others } = await registry.json(exitCode, ...args)
    assert.deepEqual(others, {})
    assertShape(ErrorShape, error)
    assert.equal(Object(error).code, code, JSON.stringify(error))
    assert.match(Object(error).message, says)
  }
  /** Writes a file of the control branch by hand; `null` takes it away. */
  const editControl = (path: string, change: (text: string) => string | null): void => {
    const { environment, git, remote } = registry
    const run = (args: ReadonlyArray<string>, input?: string): string =>
      execFileSync("git", args, {
        cwd: remote,
        encoding: "utf8",
        env: { ...environment, GIT_INDEX_FILE: `${registry.directory}/index` },
        input: input ?? ""
      }).trim()
    run(["read-tree", "batch-control"])
    const exists = git(remote, "ls-tree", "batch-control", path) !== ""
    const next = change(exists ? git(remote, "cat-file", "blob", `batch-control:${path}`) : "")
    const entry = next === null ? `0 ${"0".repeat(40)}` : `100644 ${run(["hash-object", "-w", "--stdin"], next)}`
    run(["update-index", "--index-info"], `${entry}\t${path}\n`)
    const commit = run(["commit-tree", run(["write-tree"]), "-p", "batch-control", "-m", "Edit by hand"])
    git(remote, "update-ref", "refs/heads/batch-control", commit)
  }
  const manifestPath = (batch: string): string => `manifests/${batch.slice(0, 10).replaceAll("-", "/")}/${batch}.json`

  beforeAll(async () => {
    registry = await openRegistry()
    const { clone, git, json, onBranch, push, sealed } = registry
    onBranch("work", { "recipes/fresh.toml": "version = 1\n" })
    id = await sealed("work")
    git(clone, "merge", "-q", "--ff-only", "work")
    push("main")
    open = String((await json(0, "batch", "open", "--ecosystem", "npm")).id)
    onBranch("outside", { "docs/a.md": "text\n", "recipes/a.toml": "version = 1\n" })
  })
  afterAll(() => registry.dispose())

  it("with a usage error where the command line is wrong in itself", async () => {
    for (let index = 0; index < WRONG.length; index += 5) {
      const some = WRONG.slice(index, index + 5)
      await Promise.all(some.map(([line, says]) => refused(2, "usage", says, ...line.split(" "))))
    }
  })

  it("by an ID that no batch has, or that is none, with the nearest", async () => {
    const nearest = new RegExp(`nearest: .*${id}`)
    await refused(2, "unknown-batch", nearest, "rollback", id.replace(/1$/, "9"), "--yes")
    await refused(2, "malformed-id", nearest, "rollback", id.slice(0, -1), "--yes")
    await refused(2, "malformed-id", nearest, "batch", "show", `${id}\n`)
    await refused(2, "malformed-id", /is no batch ID/, "batch", "show", "../../etc/passwd")
  })

  it("where its state, its ecosystem or its revisions do not fit", async () => {
    await refused(2, "no-ecosystem", /does not know cask; it knows: npm, pypi/, "batch", "open", "--ecosystem", "cask")
    await refused(2, "not-sealed", /is not sealed/, "rollback", open, "--yes")
    await refused(2, "not-sealed", /`batchbrake batch seal/, "batch", "merged", open, "--commit", "main")
    await refused(2, "nothing-to-undo", /never rolled back/, "rollback", id, "--undo", "--yes")
    await refused(2, "sealed-already", /open another one/, "batch", "seal", id, "--base", "main~1", "--head", "main~1")
    await refused(2, "outside-content", /"docs\/a.md"/, "batch", "seal", open, "--base", "main", "--head", "outside")
    await refused(2, "revision-unknown", /"nowhere"/, "batch", "seal", open, "--base", "main", "--head", "nowhere")
    await refused(2, "not-on-branch", /name the commit/, "batch", "merged", id, "--commit", "outside")
    await refused(2, "invalid", /needs a reason/, "rollback", id, "--yes", "--reason=\u0007")
  })

  it("[LI14] before it is opened, where its changes could not be sealed", async () => {
    const before = registry.git(registry.remote, "rev-parse", "batch-control")
    const ends = ["batch", "check", "--base", "main", "--head"]
    const { fits, refusal } = await registry.json(1, ...ends, "outside")
    assert.deepEqual([fits, Object(refusal).code], [false, "outside-content"])
    const { stdout } = await registry.expecting(1, [...ends, "outside"])
    assert.match(stdout, /^outside is no batch: these paths are not under .*"docs\/a.md"/)
    await refused(2, "revision-unknown", /"nowhere"/, ...ends, "nowhere")
    assert.equal(registry.git(registry.remote, "rev-parse", "batch-control"), before)
  })

  it("with 4 where the remote is out of reach", async () => {
    const nowhere = ["--remote", "http://127.0.0.1:9/registry.git"]
    await refused(4, "store-unavailable", /cannot reach/, "rollback", id, "--yes", ...nowhere)
    await refused(4, "store-unavailable", /cannot reach/, "batch", "open", "--ecosystem", "npm", ...nowhere)
  })

  it("where the control file was loosened by hand, before a branch is made", async () => {
    const { git, json, remote } = registry
    await json(0, "record", "--ecosystem", "npm", "--run", "bad", "--passed", "0", "--failed", "10")
    const edited = git(remote, "rev-parse", "batch-control")
    editControl("batch-control.json", (text) => text.replace('"state": "open"', '"state": "closed"'))
    await refused(2, "unexplained-edit", /loosened by hand/, "rollback", id, "--yes")
    assert.equal(git(remote, "for-each-ref", "refs/heads/rollback"), "")
    git(remote, "update-ref", "refs/heads/batch-control", edited)
  })

  it("where its manifest is forged, edited, moved or gone, and named as such in the list", async () => {
    const { git, json, remote } = registry
    const forged = id.replace(/\d{3}$/, "777")
    const before = git(remote, "rev-parse", "batch-control")
    const text = git(remote, "cat-file", "blob", `batch-control:${manifestPath(id)}`)
    const tries: ReadonlyArray<readonly [string, string, (text: string) => string | null]> = [
      [id, "edited-by-hand", (own) => own.replace("fresh.toml", "kept.toml")],
      [id, "manifest-missing", () => null],
      [forged, "never-allocated", () => `${text.replaceAll(id, forged)}\n`]
    ]
    for (const [batch, code, change] of tries) {
      editControl(manifestPath(batch), change)
      await refused(2, code, /./, "rollback", batch, "--yes")
      const { refused: named } = await json(0, "batch", "list")
      assert.deepEqual(
        Object(named).map((one: { readonly code: string; readonly id: string }) => [one.id, one.code]),
        [[batch, code]]
      )
      git(remote, "update-ref", "refs/heads/batch-control", before)
    }
    assert.equal(git(remote, "for-each-ref", "refs/heads/rollback"), "")
    assert.equal((await json(0, "rollback", id, "--dry-run")).outcome, "planned")
  })
})
