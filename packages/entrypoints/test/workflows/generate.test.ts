import { strict as assert } from "node:assert"
import { execFileSync, spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, it } from "vitest"
import { parse } from "yaml"
import { script } from "../support/Command.ts"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

/** The first to come makes the bundles. */
const LONG_MILLIS = 90_000
const OWN = [".github/batchbrake/batch.sh", ".github/batchbrake/workflows.json"]

describe("The verb workflows (SPEC.md WF)", () => {
  let workshop: Workshop
  beforeEach(async () => {
    workshop = await openWorkshop(["npm"])
  }, LONG_MILLIS)
  afterEach(() => workshop.dispose())

  const pathsOf = (differences: unknown): ReadonlyArray<readonly [string, string, string]> =>
    Array.isArray(differences) ? differences.map(({ code, message, path }) => [code, path, message]) : []

  it("[WF8] generate writes what check finds in order, and a second time nothing", async () => {
    const { written } = await workshop.json(0, ["workflows", "generate"])
    assert.ok(Array.isArray(written) && written.length > 10)
    const checked = await workshop.json(0, ["workflows", "check"])
    assert.deepEqual(checked.differences, [])
    assert.deepEqual((await workshop.json(0, ["workflows", "generate"])).written, [])
    const plain = await workshop.expecting(0, ["workflows", "check"])
    assert.match(plain.stdout, /all as this version writes them/)
  })

  it("[WF8] check ends with 1 and names what was edited, removed or left over, and generate mends it", async () => {
    await workshop.expecting(0, ["workflows", "generate"])
    const stop = ".github/workflows/batchbrake-stop.yml"
    const lines = workshop.read(stop).split("\n")
    const place = lines.findIndex((line) => line.includes("timeout-minutes"))
    workshop.write(stop, lines.with(place, "    timeout-minutes: 999").join("\n"))
    rmSync(join(workshop.clone, ".github/workflows/batchbrake-alerts.yml"))
    workshop.write(".github/workflows/batchbrake-nightly.yml", "name: old\n")
    workshop.write(".github/workflows/theirs.yml", "name: theirs\n")
    workshop.write(".github/batchbrake/batchbrake.cjs", "// an older build\n")
    const { differences } = await workshop.json(1, ["workflows", "check"])
    assert.deepEqual(
      pathsOf(differences)
        .map(([code, path]) => [code, path])
        .sort(),
      [
        ["differs", "batchbrake/batchbrake.cjs"],
        ["differs", "workflows/batchbrake-stop.yml"],
        ["missing", "workflows/batchbrake-alerts.yml"],
        ["surplus", "workflows/batchbrake-nightly.yml"]
      ]
    )
    const edited = pathsOf(differences).find(([, path]) => path.endsWith("stop.yml"))
    assert.match(edited?.[2] ?? "", new RegExp(`^line ${place + 1}: found "    timeout-minutes: 999", expected `))
    const said = await workshop.expecting(1, ["workflows", "check"])
    assert.match(said.stdout, /batchbrake-stop\.yml: line \d+: found/)
    await workshop.expecting(0, ["workflows", "generate"])
    const left = await workshop.json(1, ["workflows", "check"])
    assert.deepEqual(
      pathsOf(left.differences).map(([code]) => code),
      ["surplus"]
    )
    assert.equal(workshop.read(".github/workflows/theirs.yml"), "name: theirs\n")
  })

  it("[WF8] what is the user's is written once, and its settings are gone by", async () => {
    await workshop.expecting(0, ["workflows", "generate"])
    const settings = JSON.parse(workshop.read(OWN[1] ?? ""))
    workshop.write(OWN[1] ?? "", JSON.stringify({ ...settings, batch_schedule: "5 6 * * 1-5", merge: "rebase" }))
    workshop.write(OWN[0] ?? "", "echo mine\n")
    const { differences } = await workshop.json(1, ["workflows", "check"])
    assert.deepEqual(
      pathsOf(differences).map(([, path]) => path),
      ["workflows/batchbrake-batch.yml"]
    )
    await workshop.expecting(0, ["workflows", "generate"])
    assert.equal(workshop.read(OWN[0] ?? ""), "echo mine\n")
    const batch = parse(workshop.read(".github/workflows/batchbrake-batch.yml"))
    assert.equal(batch.on.schedule[0].cron, "5 6 * * 1-5")
    assert.match(workshop.read(".github/workflows/batchbrake-batch.yml"), /gh pr merge "\$ADDRESS" --rebase/)
  })

  it("[WF9] a setting that is odd is refused by its name, and nothing is written", async () => {
    await workshop.expecting(0, ["workflows", "generate"])
    const settings = JSON.parse(workshop.read(OWN[1] ?? ""))
    for (const [odd, says] of [
      [{ merge: "octopus" }, /merge: found "octopus"/],
      [{ batch_schedule: "hourly" }, /batch_schedule: found "hourly"/],
      [{ content_branch: "release+1" }, /content_branch: found "release\+1"/],
      [
        { command_minutes: 60 },
        /command_minutes: found 60, expected breaker\.probe_lease_minutes in batch-policy\.json/
      ],
      [{ surprise: 1 }, /the unknown key "surprise"/]
    ] as const) {
      workshop.write(OWN[1] ?? "", JSON.stringify({ ...settings, ...odd }))
      const refused = await workshop.expecting(2, ["workflows", "generate"])
      assert.match(refused.stderr, says)
    }
    workshop.write(OWN[1] ?? "", JSON.stringify({ ...settings, content_branch: "release" }))
    const policy = JSON.parse(workshop.read("batch-policy.json"))
    workshop.write("batch-policy.json", JSON.stringify({ ...policy, content_branch: "main" }))
    const differs = await workshop.expecting(2, ["workflows", "check"])
    assert.match(
      differs.stderr,
      /workflows\.json: content_branch: found "release", expected "main", as content_branch of/
    )
  })

  it("[WF8] where the Action is not built it is said what to run", async () => {
    // The verb alone, without what the build puts beside it.
    const verb = join(workshop.directory, "cli/workflows.cjs")
    mkdirSync(dirname(verb))
    copyFileSync(join(dirname(script()), "../dist/cli/workflows.cjs"), verb)
    const args = [verb, "workflows", "generate"]
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: workshop.clone,
      encoding: "utf8",
      env: workshop.environment
    })
    assert.equal(status, 2)
    assert.match(stderr, /npm run build/)
    assert.ok(!existsSync(join(workshop.clone, ".github")))
  })

  it("[WF8] the vendored Action is the command too, and knows itself", async () => {
    await workshop.expecting(0, ["workflows", "generate"])
    const vendored = join(workshop.clone, ".github/batchbrake/batchbrake.cjs")
    const run = (...args: ReadonlyArray<string>): string =>
      execFileSync(process.execPath, [vendored, ...args], {
        cwd: workshop.clone,
        encoding: "utf8",
        env: workshop.environment
      })
    assert.match(run("workflows", "check"), /all as this version writes them/)
    assert.match(run("gate"), /npm +run/)
  })

  it("[WF21] init --github writes all of it, adds owners once, and says the five things to click", async () => {
    workshop.write("CODEOWNERS", "* @somebody\n")
    const first = await workshop.json(0, ["init", "--github", "--owner", "@octo/brakes"])
    assert.equal(first.code_owners, "CODEOWNERS")
    assert.ok(Array.isArray(first.settings) && first.settings.length === 5)
    assert.match(
      workshop.read("CODEOWNERS"),
      /^\* @somebody\n\n# batchbrake: begin\n\/batch-policy\.json @octo\/brakes$/m
    )
    await workshop.expecting(0, ["workflows", "check"])
    const owned = workshop.read("CODEOWNERS")
    const again = await workshop.json(0, ["init", "--github"])
    assert.deepEqual(again.written, [])
    assert.equal(workshop.read("CODEOWNERS"), owned)
    await workshop.expecting(0, ["init", "--github", "--owner", "@octo/second"])
    assert.equal(workshop.read("CODEOWNERS"), owned.replaceAll("@octo/brakes", "@octo/brakes @octo/second"))
    workshop.write("CODEOWNERS", owned.replace("# batchbrake: end\n", ""))
    rmSync(join(workshop.clone, ".github"), { force: true, recursive: true })
    const torn = await workshop.expecting(2, ["init", "--github"])
    assert.ok(!existsSync(join(workshop.clone, ".github")))
    assert.match(torn.stderr, /CODEOWNERS: expected one line "# batchbrake: begin"/)
    workshop.write("CODEOWNERS", owned)
    const said = await workshop.expecting(0, ["init", "--github"])
    for (const place of [1, 2, 3, 4, 5]) assert.match(said.stdout, new RegExp(`^ {2}${place}\\. `, "m"))
  })

  it("[LI10] batches land on the branch of the remote, else on the one that is checked out, and it is said which", async () => {
    const branchNow = async (): Promise<readonly [unknown, string]> => {
      rmSync(join(workshop.clone, ".github"), { force: true, recursive: true })
      const { stdout } = await workshop.expecting(0, ["init", "--github"])
      const { content_branch } = JSON.parse(workshop.read(OWN[1] ?? ""))
      assert.match(
        workshop.read(".github/workflows/batchbrake-policy.yml"),
        new RegExp(`branches:\n +- ${content_branch}\n`)
      )
      return [content_branch, /^batches land on (.*)$/m.exec(stdout)?.[1] ?? ""]
    }
    const git = (...args: ReadonlyArray<string>): string => workshop.git(workshop.clone, ...args)
    // The remote's HEAD names a branch that is there, whatever is checked out here.
    git("checkout", "-q", "-b", "bring-batchbrake-in")
    assert.deepEqual(await branchNow(), ["main", "main: it is the branch of origin"])
    // A remote whose HEAD names a branch that nobody pushed; then the control branch, which was pushed first.
    git("branch", "-q", "-M", "master")
    git("push", "-q", "origin", "master")
    workshop.git(workshop.remote, "update-ref", "-d", "refs/heads/main")
    assert.deepEqual(await branchNow(), ["master", "master: it is checked out here, and origin names none"])
    workshop.git(workshop.remote, "symbolic-ref", "HEAD", "refs/heads/batch-control")
    assert.deepEqual((await branchNow())[0], "master")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/batch-control")
    assert.deepEqual((await branchNow())[0], "master")
    const generated = await workshop.json(0, ["workflows", "generate"])
    assert.equal(generated.content_branch, "master")
  })

  it("[WF21] an owner that is none, and one without --github, are refused before anything is written", async () => {
    const odd = await workshop.expecting(2, ["init", "--github", "--owner", "@a\n* @mallory"])
    assert.match(odd.stderr, /--owner: found/)
    await workshop.expecting(2, ["init", "--owner", "@a"])
    assert.ok(!existsSync(join(workshop.clone, ".github")))
  })
})
