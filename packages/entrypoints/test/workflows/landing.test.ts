/** What is fit to be proposed, and each way of landing it: with the batch's confirmation and a rollback behind it. */
import { strict as assert } from "node:assert"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, it } from "vitest"
import { eventsOn } from "../support/ControlBranch.ts"
import { type ForgeServer, serveForge } from "../support/ForgeServer.ts"
import { hasJq } from "../support/hasJq.ts"
import { type GitHub, openGitHub } from "../support/runner/GitHub.ts"
import { commandsIn } from "../support/runner/RunnerFile.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 90_000
let github: GitHub | undefined
let server: ForgeServer | undefined
afterEach(async () => {
  await server?.close()
  github?.workshop.dispose()
  server = undefined
})

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))

/** Changes what a job handed in, on its way to the next one. */
const onTheWay = (place: string, ecosystem: string, change: (patch: string) => string): void => {
  const run = readdirSync(place).find((name) => name.startsWith("run-")) ?? ""
  const path = join(place, run, `artifacts/report-${ecosystem}/changes.patch`)
  writeFileSync(path, change(readFileSync(path, "utf8")))
}

describe.skipIf(!hasJq)("Landing (SPEC.md LI; needs the program jq)", () => {
  it(
    "[LI12] [LI13] what is whole, applies and is content lands; the others are left out by name, and it is said what to do",
    async () => {
      const own = await openGitHub(["cask", "conda", "gem", "go", "maven", "nuget", "pypi"])
      github = own
      own.plan({
        cask: ["r0 clash"],
        conda: ["r0 clash"],
        gem: ["r0 stray"],
        go: ["r0 commit", "r1 passed"],
        maven: ["r0 silent"],
        nuget: ["r0 passed", "r1 cut-quiet"]
      })
      const run = await own.dispatch("batch", {
        before: (job, step) => {
          if (job !== "propose" || step !== "Take the reports in") return Promise.resolve()
          // Cut between two files it would still apply, as half of what was made.
          onTheWay(own.workshop.directory, "pypi", (patch) => patch.slice(0, patch.lastIndexOf("diff --git")))
          return Promise.resolve()
        },
        event: "schedule"
      })
      assert.deepEqual(
        resultsOf(run),
        { gate: "success", generate: "success", land: "success", propose: "success", record: "failure" },
        run.log
      )
      assert.deepEqual(own.onMain(), [
        ...["recipes/cask/r0.rb", "recipes/clash.rb"],
        ...["recipes/go/committed.rb", "recipes/go/r0.rb", "recipes/go/r1.rb"]
      ])
      const errors = commandsIn(run.log).filter(({ command }) => command === "error")
      const remedy = "run that ecosystem again, by the form or with the next schedule"
      assert.deepEqual(
        errors
          .filter(({ properties }) => properties.title?.endsWith("is left out"))
          .map(({ message, properties }) => [properties.title, message]),
        [
          ["maven is left out", `its results are not on record, as the job Record says: ${remedy}`],
          ["nuget is left out", `its results are not on record, as the job Record says: ${remedy}`],
          ["pypi is left out", `its changes were cut on their way here: ${remedy}`],
          ["conda is left out", `its changes do not apply to the content branch with those of cask: ${remedy}`],
          [
            "gem is left out",
            `these paths are not under the policy's content (recipes/**): "stray.txt"; leave them out of the batch, or widen \`content\``
          ]
        ]
      )
      const [pull] = own.forge().pulls
      assert.match(
        pull?.body ?? "",
        /^Batch .* of cask, go\. .* Left out, as the run says why: maven nuget pypi conda gem\.$/
      )
      const opened = eventsOn(own.workshop).filter(({ type }) => type === "BatchOpened")
      assert.deepEqual(
        opened.map(({ ecosystems }) => ecosystems),
        [["cask", "go"]]
      )
    },
    LONG_MILLIS
  )

  it.each([
    { merge: "merge", parents: 2 },
    { merge: "rebase", parents: 1 }
  ])(
    "[LI15] a batch that lands by $merge on a branch that moved is confirmed, and its rollback takes out exactly it",
    async ({ merge, parents }) => {
      const own = await openGitHub(["npm"], {}, { merge })
      github = own
      server = await serveForge()
      const { git, remote } = own.workshop
      let head = ""
      const run = await own.dispatch("batch", {
        before: (job, step) => {
          if (job !== "land" || step !== "Merge") return Promise.resolve()
          head = git(remote, "for-each-ref", "--format=%(objectname)", "refs/heads/batch/")
          own.plan({ npm: ["r7 passed"] })
          return Promise.resolve()
        },
        event: "schedule"
      })
      assert.equal(resultsOf(run).land, "success", run.log)
      const landed = git(remote, "rev-parse", "main")
      assert.notEqual(landed, head)
      assert.equal(git(remote, "rev-list", "--parents", "-1", landed).split(" ").length - 1, parents)
      assert.equal(git(remote, "rev-list", "--count", `${landed}..${head}`), merge === "merge" ? "0" : "1")
      const { batches } = await own.workshop.json(0, ["batch", "list"])
      const [{ commit, id, paths, state }] = Object(batches)
      assert.deepEqual([state, commit], ["merged", landed])
      assert.equal(Object(paths).length ?? paths, 2)

      // Somebody changes something else before it is taken out.
      own.plan({ npm: ["r8 passed"] })
      const rolled = await own.dispatch("rollback", {
        environment: { GITHUB_API_URL: server.url },
        event: "workflow_dispatch",
        inputs: { batch: String(id), on_changed: "skip", reason: "bad checksums", undo: false }
      })
      assert.deepEqual(resultsOf(rolled), { rollback: "success" }, rolled.log)
      const branch = String(Object(server.pulls[0]?.head).ref)
      assert.equal(
        git(remote, "diff", "--name-status", `main...${branch}`),
        "D\trecipes/npm/r0.rb\nD\trecipes/npm/r1.rb"
      )
      assert.equal(git(remote, "rev-list", "--count", `main..${branch}`), "1")
    },
    LONG_MILLIS
  )
})
