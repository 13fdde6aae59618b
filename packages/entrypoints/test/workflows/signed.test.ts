/** Control commits that the forge makes: the pipeline, the stop button, and writers of both kinds on one branch. */
import { strict as assert } from "node:assert"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, it } from "vitest"
import { eventsOn } from "../support/ControlBranch.ts"
import { hasJq } from "../support/hasJq.ts"
import { SIGNER } from "../support/runner/ControlApi.ts"
import { tokenWith } from "../support/runner/ForgeApi.ts"
import { type GitHub, openGitHub } from "../support/runner/GitHub.ts"
import { LAST } from "../support/runner/runJob.ts"
import type { RunEnded } from "../support/runner/runWorkflow.ts"

const LONG_MILLIS = 60_000
const SIGNED = "--signed"

const resultsOf = ({ jobs }: RunEnded): Record<string, string> =>
  Object.fromEntries([...jobs].map(([id, { result }]) => [id, result]))

/** Who committed, newest first. */
const committers = ({ workshop: { git, remote } }: GitHub): ReadonlyArray<string> =>
  git(remote, "log", "--format=%cn", "batch-control").split("\n")

const tokenFor = ({ api }: GitHub, rights: Record<string, string> = { contents: "write" }) => ({
  GITHUB_API_URL: api.url(),
  GITHUB_REPOSITORY: "octo/registry",
  GITHUB_TOKEN: tokenWith(rights)
})

describe.skipIf(!hasJq)("Signed control commits (SPEC.md JU; needs the program jq)", () => {
  let github: GitHub
  beforeAll(async () => {
    github = await openGitHub(["cask", "npm"])
  }, LONG_MILLIS)
  afterAll(() => github.workshop.dispose())

  it(
    "[JU14] writers by git and by the API share one branch: each event is there once, and every commit is explained",
    async () => {
      const { workshop } = github
      const before = committers(github).length
      const keys = Array.from({ length: 8 }, (_, place) => `mixed-${place}`)
      await Promise.all(
        keys.map((key, place) =>
          workshop.expecting(
            0,
            ["record", "--ecosystem=npm", `--run=${key}`, "--passed=1", "--failed=0", ...(place % 2 ? [SIGNED] : [])],
            { environment: place % 2 ? tokenFor(github) : {} }
          )
        )
      )
      const written = eventsOn(workshop).map(({ run_key }) => String(run_key))
      assert.deepEqual(written.filter((key) => key.startsWith("mixed-")).sort(), keys)
      const own = committers(github).slice(0, -before)
      assert.deepEqual([own.length, own.filter((name) => name === SIGNER).length], [8, 4])
      assert.deepEqual((await workshop.json(0, ["audit"])).findings, [])
      // The same again, the other way round, changes nothing.
      const again = await workshop.json(
        0,
        ["record", "--ecosystem=npm", "--run=mixed-0", "--passed=1", "--failed=0", SIGNED],
        { environment: tokenFor(github) }
      )
      assert.deepEqual([again.applied, committers(github).length], [false, before + 8])
    },
    LONG_MILLIS
  )

  it(
    "[JU15] reading needs neither token nor forge; a write that cannot be asked for is refused, and leaves nothing",
    async () => {
      const { workshop } = github
      const before = committers(github).length
      await workshop.expecting(0, ["gate", SIGNED])
      await workshop.expecting(0, ["status", SIGNED])
      const order = ["pause", "npm", "--reason=x", SIGNED]
      const without = await workshop.json(4, order, { environment: { GITHUB_TOKEN: "" } })
      assert.match(String(Object(without.error).message), /--signed: GITHUB_TOKEN is missing/)
      const weak = await workshop.json(4, order, { environment: tokenFor(github, { contents: "read" }) })
      assert.equal(Object(weak.error).code, "store-refused")
      const both = await workshop.json(2, [...order, "--local"], { environment: tokenFor(github) })
      assert.match(String(Object(both.error).message), /--local and --signed exclude each other/)
      assert.equal(committers(github).length, before)
    },
    LONG_MILLIS
  )

  it(
    "[JU22] a stop that the remote does not show is refused, though the forge took the commit",
    async () => {
      const { workshop } = github
      const mirror = join(workshop.directory, "mirror.git")
      workshop.git(workshop.directory, "clone", "-q", "--bare", workshop.remote, mirror)
      workshop.git(workshop.clone, "remote", "add", "upstream", mirror)
      const order = ["pause", "npm", "--reason=x", SIGNED, "--remote=upstream"]
      const refused = await workshop.json(4, order, { environment: tokenFor(github) })
      assert.match(
        String(Object(refused.error).message),
        /made on batch-control of octo\/registry on .*, and batch-control on upstream does not show it; name the remote/
      )
      assert.match(JSON.stringify(await workshop.json(0, ["gate", "--remote=upstream"])), /"decision":"run"/)
      await workshop.expecting(0, ["resume", "npm"])
    },
    LONG_MILLIS
  )

  it(
    "[JU15] a branch that takes signed commits alone says what to do",
    async () => {
      const { workshop } = github
      const hook = join(workshop.remote, "hooks/pre-receive")
      workshop.write(
        "../remote.git/hooks/pre-receive",
        "#!/bin/sh\necho 'Commits must have verified signatures.' >&2\nexit 1\n"
      )
      workshop.git(workshop.remote, "config", "core.hooksPath", join(workshop.remote, "hooks"))
      assert.ok(existsSync(hook))
      const { chmodSync, rmSync } = await import("node:fs")
      chmodSync(hook, 0o755)
      const refused = await workshop.json(4, ["pause", "npm", "--reason=x"])
      assert.match(String(Object(refused.error).message), /verified signatures.*give --signed/)
      await workshop.expecting(0, ["pause", "npm", "--reason=x", SIGNED], { environment: tokenFor(github) })
      rmSync(hook)
      await workshop.expecting(0, ["resume", "npm"])
    },
    LONG_MILLIS
  )

  it(
    "[JU14] [JU16] with `signed` in the settings pipeline, stop button and what gives back commit through the API alone",
    async () => {
      const { workshop } = github
      const settings = ".github/batchbrake/workflows.json"
      workshop.write(settings, JSON.stringify({ ...JSON.parse(workshop.read(settings)), signed: true }))
      await workshop.expecting(0, ["workflows", "generate"])
      github.plan({})
      const before = committers(github).length
      const run = await github.dispatch("batch", { event: "schedule" })
      assert.deepEqual(
        resultsOf(run),
        { gate: "success", generate: "success", land: "success", propose: "success", record: "success" },
        run.log
      )
      const stopped = await github.dispatch("stop", {
        event: "workflow_dispatch",
        inputs: { order: "stop", reason: "bad checksums" }
      })
      assert.deepEqual(resultsOf(stopped), { mark: "success", order: "success" }, stopped.log)
      await workshop.expecting(0, ["resume", SIGNED], { environment: tokenFor(github) })
      const cancelled = await github.dispatch("batch", {
        before: async (job, step) => job === "gate" && step === LAST,
        event: "schedule",
        runId: "4712"
      })
      assert.equal(eventsOn(workshop).at(-1)?.type, "RunAbandoned", cancelled.log)
      const own = committers(github).slice(0, -before)
      assert.ok(own.length > 7)
      assert.deepEqual([...new Set(own)], [SIGNER])
      assert.deepEqual((await workshop.json(0, ["audit"])).findings, [])
    },
    LONG_MILLIS
  )
})

describe("What a start loads (SPEC.md JU)", () => {
  it("[JU16] no verb loads the forge before it is asked for something", async () => {
    const home = join(import.meta.dirname, "../../src/cli/verb")
    const entryPoints = ["gate", "record", "pause", "status", "abandon", "batch", "rollback"].map((verb) =>
      join(home, `${verb}.ts`)
    )
    const { metafile } = await build({
      bundle: true,
      entryPoints,
      format: "esm",
      logLevel: "silent",
      metafile: true,
      outdir: "out",
      platform: "node",
      plugins: [
        {
          name: "later",
          setup: ({ onResolve }) => {
            onResolve({ filter: /./ }, ({ kind, path }) =>
              kind === "dynamic-import" ? { external: true, path } : undefined
            )
          }
        }
      ],
      write: false
    })
    const loaded = Object.keys(metafile.inputs)
    assert.ok(loaded.length > 50)
    assert.deepEqual(
      loaded.filter((path) => /@octokit|adapters-github/.test(path)),
      []
    )
  })
})
