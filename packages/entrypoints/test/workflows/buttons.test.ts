/** The buttons and the checks as they are generated, run step by step, also with what an attacker would type. */
import { strict as assert } from "node:assert"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, it } from "vitest"
import { controlText, eventsOn } from "../support/ControlBranch.ts"
import { FORGE_TOKEN, type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { hasJq } from "../support/hasJq.ts"
import { type GitHub, openGitHub } from "../support/runner/GitHub.ts"
import { pullReferences } from "../support/runner/pullReferences.ts"
import { commandsIn } from "../support/runner/RunnerFile.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 90_000
/** What somebody might type into a field, or call a branch. */
const ATTACK =
  "$(touch owned)`touch owned`\"; touch owned; ' | & $" +
  "{{ secrets.TOKEN }}\n::error::owned\n##[add-mask]x\ncan_proceed=true\nEOF"

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))

/** Whether anything that was typed was run: every attack would leave a file of this name somewhere. */
const isOwned = (directory: string): boolean =>
  readdirSync(directory, { recursive: true }).some((name) => String(name).endsWith("owned"))

describe.skipIf(!hasJq)("The buttons (SPEC.md WF; needs the program jq)", () => {
  let github: GitHub
  let server: ForgeServer
  let stopped: RunEnded
  beforeAll(async () => {
    server = await serveForge()
    github = await openGitHub(["npm"])
    stopped = await github.dispatch("batch", {
      before: async (job, step) => {
        if (job === "land" && step === "Ask the gate again") {
          await github.workshop.expecting(0, ["pause", "--reason", "wait"])
        }
      },
      event: "schedule"
    })
  }, LONG_MILLIS)
  afterAll(async () => {
    await server.close()
    github.workshop.dispose()
  })

  const press = (workflow: string, inputs: Record<string, string | boolean>): Promise<RunEnded> =>
    github.dispatch(workflow, {
      // What opens pull requests there is a forge of its own.
      ...(workflow === "rollback" ? { environment: { GITHUB_API_URL: server.url } } : {}),
      event: "workflow_dispatch",
      inputs
    })
  const states = (): ReadonlyArray<string> => Object.values(github.forge().statuses).map(({ state }) => state)
  const pauses = (): Record<string, unknown> => JSON.parse(controlText(github.workshop)).pauses ?? {}

  it(
    "[WF12] a stop that is pressed between gate and merge keeps the batch from landing, and the next one from starting",
    async () => {
      assert.equal(resultsOf(stopped).land, "success", stopped.log)
      assert.deepEqual(github.onMain(), [])
      assert.deepEqual(states(), ["failure"])
      assert.ok(!eventsOn(github.workshop).some(({ type }) => type === "BatchMerged"))
      const held = await github.dispatch("batch", { event: "schedule", runId: "4712" })
      assert.deepEqual(
        [...held.jobs].map(([id, { result }]) => [id, result]),
        [["gate", "success"], ...["generate", "record", "propose", "land"].map((id) => [id, "skipped"])]
      )
    },
    LONG_MILLIS
  )

  it(
    "[WF12] [WF15] [WF26] [WF28] resume turns the check of an open batch green; stop turns it red and keeps it from landing by itself",
    async () => {
      const resumed = await press("stop", { order: "resume everything" })
      assert.deepEqual(resultsOf(resumed), { mark: "success", order: "success" }, resumed.log)
      assert.deepEqual(states(), ["success"])
      const { clone, git } = github.workshop
      const [pull] = github.forge().pulls
      git(clone, "fetch", "-q", "origin")
      const sealed = git(clone, "rev-parse", `origin/${pull?.headRefName}`)
      const other = git(clone, "commit-tree", "-p", sealed, "-m", "One more", `${sealed}^{tree}`)
      git(clone, "push", "-q", "origin", `${other}:refs/heads/${pull?.headRefName}`)
      const judged = await press("stop", { order: "judge open batches" })
      assert.equal(resultsOf(judged).mark, "success", judged.log)
      assert.equal(github.forge().statuses[other]?.state, "failure")
      git(clone, "push", "-q", "--force", "origin", `${sealed}:refs/heads/${pull?.headRefName}`)
      github.change(({ pulls, statuses }) => {
        delete statuses[other]
        for (const one of pulls) one.auto = true
      })
      const incident = "https://example.com/incident/7"
      const inputs = { incident, order: "stop", reason: "bad checksums", until: "2999-01-31T06:00:00Z" }
      const stopped = await press("stop", inputs)
      assert.deepEqual(resultsOf(stopped), { mark: "success", order: "success" }, stopped.log)
      assert.deepEqual(states(), ["failure"])
      assert.ok(github.forge().pulls.every(({ auto }) => !auto))
      const pause = Object(pauses()["*"])
      assert.deepEqual(
        [pause.reason, pause.incident_url, pause.expected_resume, pause.by ?? pause.author],
        ["bad checksums", incident, "2999-01-31T06:00:00Z", "octocat"]
      )
    },
    LONG_MILLIS
  )

  it(
    "[WF15] a stop without a reason, or with a time that is none, is refused by name and stops nothing else",
    async () => {
      await github.workshop.expecting(0, ["resume"])
      for (const [inputs, says] of [
        [{ order: "stop", reason: "" }, /reason/],
        [{ order: "stop", reason: "x", until: "soon" }, /--until/],
        [{ ecosystems: "--everything", order: "resume" }, /ecosystems/]
      ] as const) {
        const { jobs, log } = await press("stop", inputs)
        assert.equal(jobs.get("order")?.result, "failure", log)
        assert.match(
          commandsIn(jobs.get("order")?.log ?? "")
            .map(({ message }) => message)
            .join(),
          says
        )
      }
      assert.deepEqual(pauses(), {})
    },
    LONG_MILLIS
  )

  it(
    "[WF17] a batch that somebody merged is confirmed; a branch of that name in a fork is not looked at",
    async () => {
      const { clone, git } = github.workshop
      const [pull] = github.forge().pulls
      git(clone, "fetch", "-q", "origin")
      git(clone, "merge", "-q", "--squash", `origin/${pull?.headRefName}`)
      git(clone, "commit", "-q", "-m", `${ATTACK} (#1)`)
      git(clone, "push", "-q", "origin", "HEAD:main")
      const sealed = git(clone, "rev-parse", `origin/${pull?.headRefName}`)
      const closedBy = (from: string, sha = sealed): unknown => ({
        pull_request: {
          head: { ref: pull?.headRefName, repo: { full_name: from }, sha },
          merge_commit_sha: git(clone, "rev-parse", "HEAD"),
          merged: true,
          title: ATTACK
        }
      })
      const fork = await github.dispatch("merged", { event: "pull_request", payload: closedBy("mallory/registry") })
      assert.deepEqual(resultsOf(fork), { confirm: "skipped" })
      const other = await github.dispatch("merged", {
        event: "pull_request",
        payload: closedBy("octo/registry", "$(touch owned)")
      })
      assert.deepEqual(resultsOf(other), { confirm: "failure" }, other.log)
      assert.ok(!eventsOn(github.workshop).some(({ type }) => type === "BatchMerged"))
      const own = await github.dispatch("merged", { event: "pull_request", payload: closedBy("octo/registry") })
      assert.deepEqual(resultsOf(own), { confirm: "success" }, own.log)
      assert.equal(eventsOn(github.workshop).at(-1)?.type, "BatchMerged")
      github.change(({ pulls }) => {
        for (const one of pulls) one.state = "MERGED"
      })
    },
    LONG_MILLIS
  )

  it(
    "[WF16] [WF20] the rollback button opens the pull request while all is stopped, whatever the reason says",
    async () => {
      const { git, remote } = github.workshop
      await github.workshop.expecting(0, ["pause", "--reason", "incident"])
      const batch = String(eventsOn(github.workshop).findLast(({ type }) => type === "BatchMerged")?.batch)
      const inputs = { batch, on_changed: "skip", reason: ATTACK, undo: false }
      const run = await press("rollback", inputs)
      assert.deepEqual(resultsOf(run), { rollback: "success" }, run.log)
      assert.equal(server.pulls.length, 1)
      const [pull = {}] = server.pulls
      assert.equal(pull.title, `Roll back batch ${batch}`)
      const branch = Object(pull.head).ref
      assert.equal(Object(pull.base).ref, "main")
      assert.equal(git(remote, "diff", "--name-status", "main", branch), "D\trecipes/npm/r0.rb\nD\trecipes/npm/r1.rb")
      assert.equal(github.forge().statuses[git(remote, "rev-parse", branch)]?.state, "success")
      assert.ok(commandsIn(run.log).every(({ command }) => command !== "add-mask" && command !== "error"))
      const manifest = await github.workshop.json(0, ["batch", "show", batch])
      assert.equal(Object(manifest.manifest).rollbacks[0].pull_request, pull.html_url)
      // Pressed again it finds the same rollback, and its pull request.
      const again = await press("rollback", inputs)
      assert.deepEqual(resultsOf(again), { rollback: "success" }, again.log)
      assert.equal(server.pulls.length, 1)
      await github.workshop.expecting(0, ["resume"])
    },
    LONG_MILLIS
  )

  it(
    "[WF20] no reason, branch or batch that is typed is run, and none is a command of the log",
    async () => {
      const stopped = await press("stop", { incident: ATTACK, order: "stop", reason: ATTACK })
      assert.equal(stopped.jobs.get("order")?.result, "success", stopped.log)
      const run = await press("rollback", { batch: ATTACK, on_changed: ATTACK, reason: "x", undo: false })
      assert.equal(run.jobs.get("rollback")?.result, "failure")
      const gate = await github.dispatch("batch", { event: "schedule", runId: "4999" })
      const said = commandsIn(stopped.log + run.log + gate.log)
      assert.ok(said.every(({ command }) => ["error", "warning"].includes(command)))
      assert.ok(said.every(({ message, properties }) => message !== "owned" && properties.title !== undefined))
      assert.equal(gate.jobs.get("gate")?.outputs.can_proceed, "false")
      assert.ok(!isOwned(github.workshop.directory))
      assert.ok(!existsSync(join(process.cwd(), "owned")))
      assert.doesNotMatch(stopped.log + run.log + gate.log, new RegExp(FORGE_TOKEN))
      await github.workshop.expecting(0, ["resume"])
    },
    LONG_MILLIS
  )
})

describe.skipIf(!hasJq)("The checks (SPEC.md WF; needs the program jq)", () => {
  let open: GitHub | undefined
  afterEach(() => open?.workshop.dispose())

  it(
    "[WF18] [WF30] a pull request's policy is checked by its base: as a file, by the base's Action, against the base's policy",
    async () => {
      const github = await openGitHub(["npm"])
      open = github
      const { clone, directory, git } = github.workshop
      for (const run of ["1", "2"]) {
        await github.workshop.expecting(0, ["record", "--ecosystem=npm", `--run=${run}`, "--passed=9", "--failed=1"])
      }
      const base = git(clone, "rev-parse", "HEAD")
      const propose = (number: number, edit: () => void): unknown => {
        git(clone, "checkout", "-q", "-B", `proposal-${number}`, base)
        edit()
        git(clone, "add", ".")
        git(clone, "commit", "-q", "--allow-empty", "-m", "Propose")
        pullReferences(github.workshop, number, base)
        return { pull_request: { base: { sha: base }, head: { repo: { full_name: "octo/registry" } }, number } }
      }
      const check = (payload: unknown): Promise<RunEnded> =>
        github.dispatch("policy", { event: "pull_request", payload })

      const untouched = await check(propose(1, () => undefined))
      assert.deepEqual(resultsOf(untouched), { check: "success", comment: "skipped" }, untouched.log)

      const loose = propose(2, () => {
        github.workshop.write(
          "batch-policy.json",
          JSON.stringify({ content: ["recipes/**"], ecosystems: { npm: {} }, slo: 0.9, version: 1 })
        )
        github.workshop.write(".github/batchbrake/batchbrake.cjs", 'require("node:fs").writeFileSync("owned", "")')
        github.workshop.write(".github/batchbrake/action.yml", "owned")
      })
      const foreignWords = { body: "<!-- batchbrake: policy --> mine", id: 1, login: "octocat", number: 2 }
      github.change(({ comments }) => comments.push(foreignWords))
      const changed = await check(loose)
      assert.deepEqual(resultsOf(changed), { check: "success", comment: "success" }, changed.log)
      assert.ok(!isOwned(directory))
      // The check takes a while, and what is said of it is the same each time: it is not run again.
      const done = changed.jobs.get("check")
      const kept = new Map(done === undefined ? [] : [["check", done]])
      const comment = (payload: unknown): Promise<RunEnded> =>
        github.dispatch("policy", { event: "pull_request", kept, payload })
      assert.equal(resultsOf(await comment(loose)).comment, "success")
      const [others, own, ...more] = github.forge().comments
      assert.deepEqual([others, more], [foreignWords, []])
      assert.equal(own?.number, 2)
      assert.match(own?.body ?? "", /^<!-- batchbrake: policy -->\n[\s\S]*\n {4}[\s\S]*\n### [\s\S]*\n\| ecosystem /)

      const fork = {
        pull_request: { ...Object(loose).pull_request, head: { repo: { full_name: "mallory/registry" } } }
      }
      const foreign = await comment(fork)
      assert.deepEqual(resultsOf(foreign), { check: "success", comment: "skipped" }, foreign.log)
      assert.match(done?.summary ?? "", /^\| ecosystem /m)

      const gone = await check(propose(3, () => git(clone, "rm", "-q", "batch-policy.json")))
      assert.deepEqual(resultsOf(gone), { check: "failure", comment: "skipped" })
      assert.match(commandsIn(gone.log)[0]?.message ?? "", /every gate would hold/)
    },
    LONG_MILLIS
  )

  it(
    "[WF23] retention runs where metrics are kept outside, and nowhere else",
    async () => {
      const github = await openGitHub(["npm"])
      open = github
      const without = await github.dispatch("retention", { event: "schedule" })
      assert.deepEqual(resultsOf(without), { prune: "skipped" })
      const vars = { BATCHBRAKE_D1_DATABASE: "metrics" }
      const away = await github.dispatch("retention", { event: "schedule", vars })
      assert.deepEqual(resultsOf(away), { prune: "failure" }, away.log)
      assert.match(commandsIn(away.log)[0]?.message ?? "", /CLOUDFLARE_ACCOUNT_ID/)
    },
    LONG_MILLIS
  )
})
