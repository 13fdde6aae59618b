import { strict as assert } from "node:assert"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, it } from "vitest"
import { openWorkshop, type Workshop } from "../support/Workshop.ts"

const VERBS = [
  "init",
  "gate",
  "record",
  "abandon",
  "status",
  "explain",
  "pause",
  "resume",
  "reset",
  "batch",
  "rollback",
  "budget",
  "audit",
  "sli",
  "alerts"
] as const

/** Command lines that are wrong, and what the answer has to name. */
const WRONG: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
  [["nonsense"], /no verb "nonsense".*there are: init, gate/],
  [["constructor"], /no verb "constructor"/],
  [["help", "nonsense"], /no verb "nonsense"/],
  [["--local", "gate"], /the verb comes first/],
  [["status", "--bogus"], /no option --bogus/],
  [["status", "-x"], /no option -x/],
  [["status", "--no-json"], /no option --no-json/],
  [["status", "--local=yes"], /--local takes no value/],
  [["status", "surplus"], /"surplus" is one word too many/],
  [["status", "--", "--local"], /"--local" is one word too many/],
  [["status", "--remote"], /--remote is without its value: --remote=NAME/],
  [["status", "--remote="], /--remote is without its value/],
  [["status", "--remote", "a", "--remote", "b"], /--remote is given more than once/],
  [["status", "--repo", "--local"], /--repo is without its value/],
  [["status", "--ecosystem", "../etc"], /found "..\/etc", expected the name of an ecosystem/],
  [["status", "--ecosystem", "NPM"], /found "NPM"/],
  [["status", "--at", "yesterday"], /--at: found "yesterday", expected an instant such as/],
  [["status", "--at", "2026-02-30"], /--at: found "2026-02-30"/],
  [["init"], /name at least one ecosystem/],
  [["init", "--ecosystem", "a b"], /found "a b"/],
  [["sli", "--window", "7"], /--window: found "7", expected up to 366 days/],
  [["sli", "--window", "0d"], /--window: found "0d"/],
  [["sli", "--window", "367d"], /--window: found "367d"/],
  [["sli", "--window", "1e3d"], /--window: found "1e3d"/],
  [["sli", "--window", "1y"], /--window: found "1y"/],
  [["alerts", "surplus"], /"surplus" is one word too many/],
  [["record"], /exactly one --ecosystem/],
  [["record", "--ecosystem", "npm", "--ecosystem", "pypi"], /exactly one --ecosystem/],
  [["record", "--ecosystem", "npm"], /--run is missing/],
  [["record", "--ecosystem", "npm", "--run", "k"], /--results FILE\|-, or both --passed N and --failed N/],
  [["record", "--ecosystem", "npm", "--run", "k", "--passed", "1"], /both --passed N and --failed N/],
  [["record", "--ecosystem", "npm", "--run", "k", "--passed", "1", "--failed", "-1"], /--failed=-1/],
  [["record", "--ecosystem", "npm", "--run", "k", "--passed", "1.5", "--failed", "0"], /--passed: found "1.5"/],
  [["record", "--ecosystem", "npm", "--run", "k", "--passed", "100001", "--failed", "0"], /from 0 to 100000/],
  [["record", "--ecosystem", "npm", "--run", "k", "--results", "x", "--passed", "1"], /exclude each other/],
  [["record", "--ecosystem", "npm", "--run", "a\nb", "--passed", "1", "--failed", "0"], /--run: found "a\\nb"/],
  [["record", "--ecosystem", "npm", "--run", " a", "--passed", "1", "--failed", "0"], /no space at the ends/],
  [["record", "--ecosystem", "npm", "--run", "ключ", "--passed", "1", "--failed", "0"], /printable ASCII/],
  [["record", "--ecosystem", "npm", "--run", "x".repeat(201), "--passed", "1", "--failed", "0"], /1 to 200/],
  [
    ["record", "--ecosystem", "npm", "--run", "k", "--passed", "1", "--failed", "0", "--minutes", "macos"],
    /--minutes: found "macos", expected PLATFORM=MINUTES/
  ],
  [
    ["record", "--ecosystem", "npm", "--run", "k", "--passed", "1", "--failed", "0", "--minutes", "macos=1e9"],
    /--minutes: found "macos=1e9"/
  ],
  [
    ["record", "--ecosystem", "npm", "--run", "k", "--passed", "1", "--failed", "0", "--started", "soon"],
    /--started: found "soon"/
  ],
  [["abandon"], /--run is missing/],
  [["explain"], /takes one ecosystem/],
  [["explain", "npm", "pypi"], /takes one ecosystem/],
  [["pause"], /--reason is missing/],
  [["pause", "--reason", "  "], /--reason is missing/],
  [["pause", "--reason", "r", "--auto-resume"], /--auto-resume needs --until/],
  [["resume", "npm", "--everything"], /name no ecosystem beside it/],
  [["reset", "--reason", "r"], /name the ecosystem/],
  [["reset", "npm"], /--reason is missing/],
  [["budget"], /budget adjust/],
  [["budget", "adjust", "--reason", "r"], /--minutes is missing/],
  [["budget", "adjust", "--reason", "r", "--minutes", "macos=1.5"], /whole minutes/],
  [["budget", "adjust", "--minutes", "macos=1"], /--reason is missing/],
  [["audit", "--adopt"], /--reason is missing/],
  [["audit", "--reason", "r"], /--reason goes with --adopt/]
]

const assertRefused = async (workshop: Workshop, args: ReadonlyArray<string>, says: RegExp): Promise<void> => {
  const end = args.includes("--") ? args.indexOf("--") : args.length
  const asJson = [...args.slice(0, end), "--json", ...args.slice(end)]
  const [plain, json] = await Promise.all([workshop.run(args), workshop.run(asJson)])
  assert.equal(plain.exitCode, 2, args.join(" "))
  assert.equal(plain.stdout, "", args.join(" "))
  assert.match(plain.stderr, /^batchbrake: [^\n]+\n$/)
  assert.match(plain.stderr, says)
  assert.equal(json.exitCode, 2)
  const { error, ...others } = JSON.parse(json.stdout)
  assert.deepEqual(others, {})
  assert.equal(error.code, "usage")
  assert.match(error.message, says)
}

describe("The command line", () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await openWorkshop()
  })
  afterAll(() => workshop.dispose())

  const batches = Array.from({ length: Math.ceil(WRONG.length / 5) }, (_, index) =>
    WRONG.slice(index * 5, index * 5 + 5)
  )

  it.each(batches.map((batch) => [batch[0]?.[0].join(" "), batch] as const))(
    "refuses what is wrong with one line on stderr, one document on stdout and 2: from %j",
    async (_, batch) => {
      await Promise.all(batch.map(([args, says]) => assertRefused(workshop, args, says)))
    }
  )

  it("shows general help for nothing at all, on stderr and with 2", async () => {
    const ended = await workshop.run([])
    assert.equal(ended.exitCode, 2)
    assert.equal(ended.stdout, "")
    assert.match(ended.stderr, /Usage: batchbrake VERB/)
  })

  it("shows the same help when asked for it, every verb in it, no line wider than 110", async () => {
    const texts = await Promise.all([["--help"], ["-h"], ["help"]].map((args) => workshop.expecting(0, args)))
    assert.equal(new Set(texts.map(({ stdout }) => stdout)).size, 1)
    for (const verb of VERBS) assert.match(texts[0]?.stdout ?? "", new RegExp(`^ {2}${verb} `, "m"))
    assert.ok((texts[0]?.stdout ?? "").split("\n").every((line) => line.length <= 110))
  })

  it.each(VERBS)("has help for %s, with usage, every option and an example", async (verb) => {
    const [asked, named] = await Promise.all([
      workshop.expecting(0, [verb, "--help"]),
      workshop.expecting(0, ["help", verb])
    ])
    assert.equal(asked.stdout, named.stdout)
    assert.equal(asked.stderr, "")
    assert.match(asked.stdout, new RegExp(`^Usage: batchbrake ${verb} `, "m"))
    assert.ok(asked.stdout.split("\n").every((line) => line.length <= 110))
    assert.match(asked.stdout, /^Examples:\n {2}\S/m)
    const usage = /^Usage: [\s\S]*?\n\n/m.exec(asked.stdout)?.[0] ?? ""
    for (const option of usage.match(/--[a-z-]+/g) ?? []) assert.match(asked.stdout, new RegExp(`^  ${option}`, "m"))
  })

  it("keeps to one document on stdout for help and version as well", async () => {
    assert.deepEqual(Object.keys(await workshop.json(0, ["gate", "--help"])), ["help"])
    assert.deepEqual(await workshop.json(0, ["--version"]), { version: "0.0.0" })
    assert.equal((await workshop.expecting(0, ["--version"])).stdout, "batchbrake 0.0.0\n")
  })

  it("says so in a directory that is gone", async () => {
    const gone = join(workshop.directory, "gone")
    mkdirSync(gone)
    const running = workshop.begin(["status", "--json"], {
      by: ["sh", "-c", `rmdir ${gone}; exec "$@"`, "sh"],
      cwd: gone
    })
    const ended = await running.ended
    assert.equal(ended.exitCode, 2)
    assert.match(JSON.parse(ended.stdout).error.message, /current directory|cwd|no such file/i)
  })
})
