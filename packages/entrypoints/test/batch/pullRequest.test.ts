import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { FORGE_TOKEN, type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { openRegistry, type Registry, treeAt } from "../support/Registry.ts"
import { assertShape, SHAPES } from "../support/Shape.ts"
import type { Json } from "../support/Workshop.ts"

const LANDINGS: ReadonlyArray<readonly [string, (registry: Registry, branch: string) => void]> = [
  ["merge", ({ clone, git }, branch) => git(clone, "merge", "-q", "--no-ff", "-m", `Merge ${branch}`, branch)],
  [
    "squash",
    ({ clone, git, onMain }, branch) => {
      git(clone, "merge", "-q", "--squash", branch)
      onMain({}, `Add recipes of ${branch} (#2)`)
    }
  ],
  [
    "rebase",
    ({ clone, git }, branch) => {
      const commits = git(clone, "rev-list", "--reverse", `main..${branch}`).split("\n")
      git(clone, "cherry-pick", ...commits)
    }
  ]
]

describe("A batch whose pull request was merged (SPEC.md FG)", () => {
  let registry: Registry
  let forge: ForgeServer
  beforeAll(async () => {
    registry = await openRegistry()
    forge = await serveForge()
  })
  afterAll(async () => {
    await forge.close()
    registry.dispose()
  })

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    GITHUB_API_URL: forge.url,
    GITHUB_REPOSITORY: "octo/registry",
    GITHUB_TOKEN: FORGE_TOKEN,
    ...more
  })

  const asking = async (exitCode: number, id: string, more: NodeJS.ProcessEnv = {}): Promise<Json> => {
    const args = ["rollback", id, "--yes", "--pr", "--reason", "bad checksums upstream", "--json"]
    const { stderr, stdout } = await registry.expecting(exitCode, args, { environment: environment(more) })
    assert.ok(!`${stdout}${stderr}`.includes(FORGE_TOKEN))
    const answer: Json = JSON.parse(stdout)
    assertShape(SHAPES.rollback, answer)
    return answer
  }

  /** A batch of two commits, landed; answers what was there before it. */
  const landed = async (name: string, land: (registry: Registry, branch: string) => void) => {
    const { clone, git, onBranch, onMain, push, sealed } = registry
    const head = onBranch(
      name,
      { [`recipes/${name}-1.toml`]: "version = 1\n", "recipes/modified.toml": `version = "${name} 1"\n` },
      { [`recipes/${name}-2.toml`]: "version = 1\n", "recipes/modified.toml": `version = "${name} 2"\n` }
    )
    const id = await sealed(name)
    onMain({ [`recipes/before-${name}.toml`]: "1\n" }, "Land something in between")
    const before = treeAt(registry, "main")
    land(registry, name)
    push("main")
    return { before, commit: git(clone, "rev-parse", "HEAD"), head, id }
  }

  it.each(LANDINGS)("[FG14] by %s is confirmed by its head, and its rollback takes it out", async (name, land) => {
    const { json } = registry
    const { before, commit, head, id } = await landed(name, land)
    const merged = await json(0, "batch", "merged", "--head", head, "--commit", commit)
    assertShape(SHAPES.batchMerged, merged)
    assert.deepEqual([merged.id, merged.applied, merged.confirms, merged.commit], [id, true, "batch", commit])
    assert.deepEqual(merged.differs, [])
    const answer = await asking(0, id)
    assert.equal(answer.next, null)
    assert.deepEqual(treeAt(registry, String(answer.branch)), before)
    const pull = forge.pulls.at(-1)
    assert.deepEqual(
      [Object(pull?.head).ref, Object(pull?.base).ref, pull?.title, pull?.html_url],
      [answer.branch, "main", `Roll back batch ${id}`, answer.pull_request]
    )
    const rolled = await json(0, "batch", "merged", "--head", String(answer.commit))
    assert.deepEqual([rolled.id, rolled.applied, rolled.confirms], [id, false, "rollback"])
  })

  it("[FG11] asks once: run again it finds the pull request, in words and on record", async () => {
    const [, land] = LANDINGS[1] ?? ["", () => undefined]
    const { id } = await landed("again", land)
    const { length } = forge.pulls
    const first = await asking(0, id)
    const second = await asking(0, id)
    assert.deepEqual([second.outcome, second.pull_request], ["already-rolled-back", first.pull_request])
    assert.equal(forge.pulls.length, length + 1)
    const told = await registry.expecting(0, ["rollback", id, "--yes", "--pr"], { environment: environment() })
    assert.match(told.stdout, new RegExp(`^pull request ${first.pull_request}, open already$`, "m"))
    assert.doesNotMatch(told.stdout, /gh pr create/)
    const { manifest } = await registry.json(0, "batch", "show", id)
    assert.equal(Object(manifest).rollbacks.at(-1).pull_request, first.pull_request)
    const without = await registry.expecting(0, ["rollback", id, "--yes"])
    assert.match(without.stdout, new RegExp(`^asked for already, as it is on record: ${first.pull_request}$`, "m"))
  })

  it("[FG12] a forge that is away undoes nothing: the line to run is named, and run again it is asked for", async () => {
    const [, land] = LANDINGS[0] ?? ["", () => undefined]
    const { before, id } = await landed("away", land)
    forge.break(422)
    const refused = await asking(4, id)
    assert.equal(Object(refused.error).code, "forge-refused")
    assert.deepEqual([refused.outcome, refused.verified, refused.pull_request], ["rolled-back", true, null])
    assert.match(String(refused.next), /^gh pr create --head rollback\//)
    assert.deepEqual(treeAt(registry, String(refused.branch)), before)
    const told = await registry.expecting(4, ["rollback", id, "--yes", "--pr"], { environment: environment() })
    assert.match(told.stdout, /the rollback stands; .* refused to open a pull request/)
    assert.match(told.stdout.replace(/\s+/g, " "), /next: `gh pr create --head rollback\//)
    forge.break(undefined)
    assert.equal((await asking(0, id)).pull_request, forge.pulls.at(-1)?.html_url)
  })

  it("[FG12] what would keep it from being asked for is said before a branch is made", async () => {
    const [, land] = LANDINGS[0] ?? ["", () => undefined]
    const { id } = await landed("unset", land)
    for (const [more, says] of [
      [{ GITHUB_TOKEN: "" }, /GITHUB_TOKEN is missing/],
      [{ GITHUB_REPOSITORY: "" }, /GITHUB_REPOSITORY is missing, and the address of origin names no repository/],
      [{ GITHUB_REPOSITORY: "octo" }, /GITHUB_REPOSITORY: found "octo", expected OWNER\/NAME/],
      [{ GITHUB_API_URL: "http://forge.example" }, /GITHUB_API_URL: expected an https address/]
    ] as const) {
      const ended = await registry.expecting(2, ["rollback", id, "--yes", "--pr"], { environment: environment(more) })
      assert.match(ended.stderr, says)
    }
    registry.git(registry.clone, "remote", "add", "elsewhere", "https://evil.example/octo/registry.git")
    const elsewhere = await registry.expecting(2, ["rollback", id, "--yes", "--pr", "--remote", "elsewhere"], {
      environment: environment({ GITHUB_API_URL: "", GITHUB_REPOSITORY: "" })
    })
    assert.match(elsewhere.stderr, /GITHUB_API_URL is missing: elsewhere is on evil.example/)
    assert.equal(registry.git(registry.remote, "for-each-ref", `refs/heads/rollback/${id}`), "")
    assert.equal((await asking(0, id, { GH_TOKEN: FORGE_TOKEN, GITHUB_TOKEN: "" })).verified, true)
  })

  it("[FG13] a head that is no batch's is refused, and so is one beside a name", async () => {
    const { commit, head, id } = await landed("near", LANDINGS[0]?.[1] ?? (() => undefined))
    for (const near of [head.slice(0, 12), commit, "near"]) {
      const { error } = await registry.json(2, "batch", "merged", "--head", near, "--commit", commit)
      assert.equal(Object(error).code, "unknown-head", near)
    }
    const { error } = await registry.json(2, "batch", "merged", id, "--head", head, "--commit", commit)
    assert.equal(Object(error).code, "usage")
  })
})
