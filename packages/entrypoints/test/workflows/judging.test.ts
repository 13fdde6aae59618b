/** Open batches under the stop button as it is generated, and by the command: real git, the bundled Action, an API that fails. */
import { strict as assert } from "node:assert"
import { afterAll, afterEach, beforeAll, describe, it } from "vitest"
import { eventsOn } from "../support/ControlBranch.ts"
import type { Answer } from "../support/runner/ForgeApi.ts"
import { tokenWith } from "../support/runner/ForgeApi.ts"
import { type GitHub, openGitHub } from "../support/runner/GitHub.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 60_000

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))

/** Seals a batch of npm and opens its pull request, set to land by itself. */
const openBatch = async (github: GitHub, name: string): Promise<string> => {
  const { clone, git, json, expecting } = github.workshop
  const { id } = await json(0, ["batch", "open", "--ecosystem=npm"])
  git(clone, "checkout", "-q", "-B", "work", "origin/main")
  github.workshop.write("recipe.rb", `${name}\n`)
  const blob = git(clone, "hash-object", "-w", "recipe.rb")
  git(clone, "update-index", "--add", "--cacheinfo", `100644,${blob},recipes/npm/${name}.rb`)
  git(clone, "commit", "-q", "-m", `Batch ${id}`)
  await expecting(0, ["batch", "seal", String(id), "--base=origin/main", "--head=work"])
  git(clone, "push", "-q", "origin", `HEAD:refs/heads/batch/${id}`)
  git(clone, "checkout", "-q", "-f", "main")
  propose(github, `batch/${id}`)
  return String(id)
}

const propose = (github: GitHub, headRefName: string, more: { isCrossRepository?: boolean; headOid?: string } = {}) =>
  github.change(({ pulls }) => {
    const number = pulls.length + 1
    pulls.push({
      auto: true,
      baseRefName: "main",
      body: "",
      headRefName,
      isCrossRepository: false,
      labels: [],
      mergeCommit: null,
      number,
      state: "OPEN",
      title: "",
      url: `https://github.example/octo/registry/pull/${number}`,
      ...more
    })
  })

const FOREIGN = "f".repeat(40)

describe("Judging open batches from the forge (SPEC.md JU)", () => {
  let github: GitHub
  let ids: ReadonlyArray<string> = []
  beforeAll(async () => {
    github = await openGitHub(["npm"])
    ids = [await openBatch(github, "one"), await openBatch(github, "two"), await openBatch(github, "three")]
    propose(github, `batch/${ids[0]}`, { headOid: FOREIGN, isCrossRepository: true })
    propose(github, "main")
  }, LONG_MILLIS)
  afterAll(() => github.workshop.dispose())
  afterEach(() => {
    github.api.fault = () => undefined
  })

  const press = (order: string): Promise<RunEnded> =>
    github.dispatch("stop", { event: "workflow_dispatch", inputs: { order, reason: "bad checksums" } })
  /** By pull request: what its head's check says, and whether it lands by itself. */
  const shown = (): ReadonlyArray<string> => {
    const { pulls, statuses } = github.forge()
    return pulls.map((pull) => {
      const head = pull.headOid ?? github.workshop.git(github.workshop.remote, "rev-parse", pull.headRefName)
      return `${statuses[head]?.state ?? "-"}${pull.auto ? " auto" : ""}`
    })
  }
  const setAuto = (): void =>
    github.change(({ pulls }) => {
      for (const one of pulls) one.auto = true
    })
  const environment = (rights: Record<string, string>): Record<string, string> => ({
    GITHUB_API_URL: github.api.url(),
    GITHUB_REPOSITORY: "octo/registry",
    GITHUB_TOKEN: tokenWith(rights)
  })
  const ALL = { contents: "write", "pull-requests": "write", statuses: "write" }

  it(
    "[JU5] [JU8] [WF15] the stop turns each open batch red, resuming green; what is foreign, and what is no batch, is not touched",
    async () => {
      const stopped = await press("stop")
      assert.deepEqual(resultsOf(stopped), { mark: "success", order: "success" }, stopped.log)
      assert.deepEqual(shown(), ["failure", "failure", "failure", "- auto", "- auto"])
      assert.match(stopped.jobs.get("mark")?.summary ?? "", /\| 2 \| \d{4}-\d\d-\d\d-002 \| red \| taken back \| npm: /)
      const before = github.forge()
      assert.deepEqual(resultsOf(await press("judge open batches")), { mark: "success", order: "success" })
      const after = github.forge()
      assert.deepEqual([after.pulls, after.statuses], [before.pulls, before.statuses])
      const resumed = await press("resume everything")
      assert.deepEqual(resultsOf(resumed), { mark: "success", order: "success" }, resumed.log)
      assert.deepEqual(shown(), ["success", "success", "success", "- auto", "- auto"])
      const said = Object.values(github.forge().statuses).map(
        ({ context, description }) => `${context}: ${description}`
      )
      assert.deepEqual([...new Set(said)], ["batchbrake: may land: npm: the breaker is closed"])
    },
    LONG_MILLIS
  )

  it(
    "[JU2] [WF28] a branch that has moved is red while the others are green, and names both commits",
    async () => {
      const { clone, git } = github.workshop
      const [, second] = ids
      git(clone, "fetch", "-q", "origin")
      const sealed = git(clone, "rev-parse", `origin/batch/${second}`)
      const other = git(clone, "commit-tree", "-p", sealed, "-m", "One more", `${sealed}^{tree}`)
      git(clone, "push", "-q", "origin", `${other}:refs/heads/batch/${second}`)
      const judged = await press("judge open batches")
      assert.equal(resultsOf(judged).mark, "success", judged.log)
      assert.deepEqual(shown().slice(0, 3), ["success", "failure", "success"])
      assert.match(judged.log, new RegExp(`::warning title=batch ${second}.*${other}.*${sealed}`))
      git(clone, "push", "-q", "--force", "origin", `${sealed}:refs/heads/batch/${second}`)
    },
    LONG_MILLIS
  )

  it(
    "[JU6] where the API fails for one of three the others are judged, and the job fails naming it",
    async () => {
      setAuto()
      await press("judge open batches")
      const head = github.workshop.git(github.workshop.remote, "rev-parse", `batch/${ids[1]}`)
      const away: Answer = { body: { message: "Not now" }, status: 422 }
      github.api.fault = ({ path }) => (path.endsWith(`/statuses/${head}`) ? away : undefined)
      const stopped = await press("stop")
      assert.deepEqual(resultsOf(stopped), { mark: "failure", order: "success" }, stopped.log)
      assert.deepEqual(shown().slice(0, 3), ["failure", "success", "failure"])
      assert.match(stopped.log, new RegExp(`::error title=batch ${ids[1]} .pull request 2.::.*set a check`))
      assert.ok(!stopped.log.includes(FOREIGN))
    },
    LONG_MILLIS
  )

  it(
    "[JU5] [JU6] auto-merge that may not be disabled is a failure, with the check red all the same",
    async () => {
      setAuto()
      const said = await github.workshop.json(4, ["batch", "judge"], {
        environment: environment({ ...ALL, contents: "read" })
      })
      assert.deepEqual(shown().slice(0, 3), ["failure auto", "failure auto", "failure auto"])
      const batches = [said.batches].flat().map(Object)
      assert.deepEqual(
        batches.map(({ auto_merge_disabled, errors, verdict }) => [verdict, auto_merge_disabled, errors[0].code]),
        ids.map(() => ["red", false, "forge-refused"])
      )
      assert.equal(Object(said.error).code, "forge-refused")
    },
    LONG_MILLIS
  )

  it(
    "[JU7] [JU10] a pause is on record before any forge is asked, and stands whatever that one does",
    async () => {
      await github.workshop.expecting(0, ["resume"])
      await github.workshop.expecting(0, ["batch", "judge"], { environment: environment(ALL) })
      assert.deepEqual(shown().slice(0, 3), ["success auto", "success auto", "success auto"])
      const counted = (): number => eventsOn(github.workshop).filter(({ type }) => type === "Paused").length
      const before = counted()
      const seen: Array<number> = []
      github.api.watch = () => seen.push(counted())
      const done = await github.workshop.json(0, ["pause", "npm", "--reason=x", "--judge"], {
        environment: environment(ALL)
      })
      assert.ok(seen.length > 0 && seen.every((count) => count === before + 1))
      assert.deepEqual(
        [done.applied, [done.batches].flat().map((one) => Object(one).verdict)],
        [true, ["red", "red", "red"]]
      )
      assert.deepEqual(shown().slice(0, 3), ["failure", "failure", "failure"])
      github.api.fault = () => ({ body: { message: "Not now" }, status: 404 })
      for (const more of [environment(ALL), { GITHUB_TOKEN: "" }]) {
        await github.workshop.expecting(0, ["resume", "npm"])
        const failed = await github.workshop.run(["pause", "npm", "--reason=y", "--judge"], { environment: more })
        assert.equal(failed.exitCode, 4, failed.stdout)
        assert.match(
          failed.stdout.replaceAll(/\s+/g, " "),
          /pause of npm .*no open batch was judged: .*the order above stands/
        )
        const { ecosystems } = await github.workshop.json(0, ["gate"])
        assert.match(JSON.stringify(ecosystems), /npm is paused by .*: y/)
      }
    },
    LONG_MILLIS
  )

  it(
    "[JU7] while the store is out of reach all that can be reached are red; so without a policy",
    async () => {
      await github.workshop.expecting(0, ["resume", "npm"])
      await github.workshop.expecting(0, ["batch", "judge", String(ids[0])], { environment: environment(ALL) })
      assert.deepEqual(shown().slice(0, 3), ["success", "failure", "failure"])
      const { clone, git } = github.workshop
      git(clone, "remote", "set-url", "origin", "file:///nowhere/remote.git")
      const said = await github.workshop.json(4, ["batch", "judge"], { environment: environment(ALL) })
      assert.equal(Object(said.error).code, "store-unavailable")
      assert.deepEqual(shown().slice(0, 3), ["failure", "failure", "failure"])
      assert.ok(Object.values(github.forge().statuses).every(({ description }) => !description.includes("nowhere")))
      git(clone, "remote", "set-url", "origin", github.workshop.remote)
      await github.workshop.expecting(0, ["batch", "judge"], { environment: environment(ALL) })
      const absent = await github.workshop.json(2, ["batch", "judge", "--policy=none.json"], {
        environment: environment(ALL)
      })
      assert.deepEqual([Object(absent.error).code, shown()[0]], ["policy-unreadable", "failure"])
      const odd = await github.workshop.json(2, ["batch", "judge", "main"], { environment: environment(ALL) })
      assert.equal(Object(odd.error).code, "usage")
    },
    LONG_MILLIS
  )
})
