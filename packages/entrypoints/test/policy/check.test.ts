import { strict as assert } from "node:assert"
import { afterAll, beforeAll, describe, it } from "vitest"
import { type Json, openWorkshop, type Workshop } from "../support/Workshop.ts"

const STARTER = { version: 1, ecosystems: { homebrew: {}, npm: {} } }

describe("policy check", () => {
  let workshop: Workshop
  const write = (name: string, file: unknown): string => workshop.write(name, JSON.stringify(file))
  const check = (exitCode: number, ...args: ReadonlyArray<string>): Promise<Json> =>
    workshop.json(exitCode, ["policy", "check", ...args])
  const codes = ({ findings }: Json): ReadonlyArray<unknown> =>
    Array.isArray(findings) ? findings.map(({ code, path }) => `${code} ${path}`) : []
  beforeAll(async () => {
    workshop = await openWorkshop(["npm"])
  })
  afterAll(() => workshop.dispose())

  it("lets the policy of init pass, and keeps every law under it", async () => {
    const { findings, laws, policy, seed } = await check(0, "--budget", "1")
    assert.deepEqual(findings, [])
    assert.ok(typeof seed === "number")
    assert.match(JSON.stringify(policy), /batch-policy\.json","hash":"[0-9a-f]{64}/)
    assert.ok(Array.isArray(laws) && laws.length > 20)
    assert.ok(laws.every((law) => law.tried > 0 && law.outcome === "held"))
  })

  it("tries the same cases again with a seed, to the number and not to a time, and counts what it tried", async () => {
    const again = () => check(0, "--seed", "7", "--cases", "3")
    const first = await again()
    assert.deepEqual([await again(), first.bound], [first, { cases: 3 }])
    assert.ok(Array.isArray(first.laws) && first.laws.every(({ runs }) => runs === 3))
    const untried = first.laws.filter(({ outcome }) => outcome === "untried")
    assert.ok(untried.every(({ tried, why }) => tried === 0 && /^none of 3 cases had /.test(why)))
    const { stdout } = await workshop.expecting(0, ["policy", "check", "--seed", "7", "--cases", "3"])
    const held = first.laws.length - untried.length
    assert.match(
      stdout,
      new RegExp(`^${held} laws held, ${untried.length} not tried, in \\d+ cases; .--seed 7 --cases 3. tries`, "m")
    )
    assert.equal(stdout.match(/^ {2}not tried: .+ \(none of 3 cases had .+\)$/gm)?.length ?? 0, untried.length)
  })

  it("exits with 1 on findings, each with its code, its path and what mends it", async () => {
    const name = write("proposed.json", { ...STARTER, budget: { caps: { windows: 9 } }, slo: 1 })
    const found = await check(1, name, "--budget", "0")
    assert.deepEqual(codes(found), ["alert-never-resolves slo", "capped-without-reserve budget.reserve.windows"])
    assert.deepEqual(found.laws, [])
    const { stdout } = await workshop.expecting(1, ["policy", "check", name, "--budget", "0"])
    assert.match(stdout, /^alert-never-resolves at slo\n[\s\S]*^ {2}mend: set budget\.reserve\.windows to 1$/m)
    assert.match(stdout, /^proposed\.json: 2 findings, 0 broken laws$/m)
  })

  it("warns of what rests on an assumption, and exits with 0 on warnings alone", async () => {
    const name = write("long.json", { ...STARTER, budget: { reserve: { linux: 240 } }, lease_minutes: 180 })
    const { findings } = await check(0, name, "--budget", "0")
    assert.ok(Array.isArray(findings))
    assert.deepEqual([codes({ findings }), findings[0]?.severity], [["lease-too-short lease_minutes"], "warning"])
    const { stdout } = await workshop.expecting(0, ["policy", "check", name, "--budget", "0"])
    assert.match(stdout, /^warning: lease-too-short at lease_minutes$/m)
    assert.match(stdout, /^long\.json: nothing found but 1 warning$/m)
  })

  it("names the file where all of it is at fault", async () => {
    const name = write("list.json", [])
    const { findings } = await check(1, name)
    assert.ok(Array.isArray(findings))
    assert.deepEqual([findings[0]?.path, findings[0]?.mend[0].path], [name, name])
    const { stdout } = await workshop.expecting(1, ["policy", "check", name])
    assert.match(stdout, /^schema at list\.json\n.*\n {2}mend: set the whole file to \{/m)
    assert.match(stdout, /^no law was tried: the file is no policy yet$/m)
  })

  it("tells faults of shape with their paths, and tries no law then", async () => {
    const name = write("misspelt.json", {
      ...STARTER,
      breaker: { probe_attempts: 0, windw: 5 },
      budget: { pause_at: "late" }
    })
    const found = await check(1, name)
    assert.deepEqual([...codes(found)].sort(), [
      "probes-of-zero breaker.probe_attempts",
      "schema breaker.windw",
      "schema budget.pause_at"
    ])
    assert.deepEqual([found.laws, found.policy], [[], { name }])
  })

  it("reads a policy at a revision, and the one that --policy names", async () => {
    assert.deepEqual(codes(await check(0, "HEAD:batch-policy.json", "--budget", "0")), [])
    const name = write("proposed.json", { ...STARTER, slo: 0 })
    assert.deepEqual(codes(await check(1, "--policy", name, "--budget", "0")), ["alert-never-fires slo"])
    assert.deepEqual(codes(await check(0, "batch-policy.json", "--policy", name, "--budget", "0")), [])
  })

  it("exits with 2 where there is nothing that could be checked", async () => {
    workshop.write("torn.json", '{"version": 1,')
    workshop.write("twice.json", '{"version": 1, "version": 1, "ecosystems": {}}')
    for (const [name, path] of [
      ["absent.json", "absent.json"],
      ["torn.json", "torn.json"],
      ["twice.json", "version"]
    ] as const) {
      const { error } = await check(2, name)
      assert.match(JSON.stringify(error), new RegExp(`"code":"policy-unreadable".*${name}.*"path":"${path}"`))
    }
    for (const args of [
      ["a", "b"],
      ["--seed", "x"],
      ["--budget", "-1"],
      ["--laws"],
      ["--seed", "7", "--budget", "1"],
      ["--cases", "7", "--budget", "1"]
    ]) {
      assert.match(JSON.stringify((await check(2, ...args)).error), /"code":"usage"/)
    }
  })

  it("is one of the verbs behind policy, which alone does nothing", async () => {
    assert.match((await workshop.expecting(2, ["policy"])).stderr, /comes one of: .*check/)
    assert.match((await workshop.expecting(2, ["policy", "chekc"])).stderr, /has no verb "chekc"/)
    assert.match((await workshop.expecting(0, ["policy", "--help"])).stdout, /^ {2}policy check {2}/m)
    assert.match((await workshop.expecting(0, ["policy", "check", "--help"])).stdout, /--seed N/)
  })
})
