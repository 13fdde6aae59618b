/**
 * Runs the tests of core against one mutant after the other within one process, for Stryker: what costs vitest half a second
 * to start costs milliseconds here, because the tests are one script that is evaluated afresh for every mutant, alone the
 * files that a mutant concerns. Core's tests ask no more of vitest than `describe` and `it`.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, relative, sep } from "node:path"
import { setTimeout } from "node:timers/promises"
import { compileFunction, Script } from "node:vm"
import * as fc from "fast-check"
import { type Bundle, bundleTests } from "./bundleTests.ts"
import { quickly } from "./quickly.ts"
import * as TestList from "./TestList.ts"

/** What of Stryker's orders matters here. */
interface MutantRun {
  readonly activeMutant: { readonly fileName: string; readonly id: string }
  readonly hitLimit?: number
  readonly mutantActivation: "runtime" | "static"
  readonly sandboxFileName: string
  readonly testFilter?: ReadonlyArray<string>
}

/** How often each test comes past each mutant. */
type Hits = Readonly<Record<string, Readonly<Record<string, number>>>>

/** The words that Stryker writes into each mutated file speak to this object. */
interface Switch {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: { readonly perTest: Hits } | undefined
}

/** A test that waits for what never comes is ended after this and ten times what it takes without a mutant. */
const PATIENCE_MILLIS = 8000

/** What takes every order of everything, or thousands of something, would cost each survivor half a minute. */
const TOO_LONG = ["/test/model/", "/testing/checkLaws.test.ts", "[AD8]", "[EV6] ten years"]

const { LONGEST_MILLIS = "Infinity", PROPERTY_RUNS = "100", TESTS = "packages/core/test/**/*.test.ts" } = process.env
/** How long each test takes, from the process that ran them without a mutant to those that run them with. */
const TIMES = "times.json"

const coverageOf = ({ mutantCoverage }: Switch): Switch["mutantCoverage"] => mutantCoverage
const slashed = (path: string): string => path.split(sep).join("/")
const fileOf = (id: string): string => id.slice(0, id.indexOf(": "))
const messageOf = (fault: unknown): string => (fault instanceof Error ? (fault.stack ?? fault.message) : String(fault))

/** A test that comes past a mutant so many times as often as without it has lost its way. */
const MORE_HITS = 200

const ASKED = "__askedOfMutant__"
const askedOf = new Script(`globalThis.${ASKED}()`)

/** Ends what would run for ever, which only a script's time limit does from within. */
const withinTime = (timeout: number, run: () => unknown): unknown => {
  Reflect.set(globalThis, ASKED, run)
  return askedOf.runInThisContext({ timeout: Math.ceil(timeout) })
}

type TestsIn = (file: string) => ReadonlyMap<string, TestList.ListedTest>

interface Outcome {
  readonly fault?: unknown
  readonly late: boolean
}

const make = () => {
  const stryker: Switch = {}
  Reflect.set(globalThis, "__stryker__", stryker)
  let root = ""
  let usualMillis = new Map<string, number>()
  let usualHits: Hits = {}
  let thorough = new Set<string>()
  let mostRuns = Number(PROPERTY_RUNS)
  const kills = new Map<string, number>()
  let files: ReadonlyArray<string> = []
  let bundle: Bundle | undefined
  let evaluate: (...given: ReadonlyArray<unknown>) => unknown = () => undefined

  /** The tests of a file, by their ids; modules begin anew with each call of this, and each file's with the first look. */
  const evaluateAnew = (): TestsIn => {
    const list = TestList.make()
    const outer = createRequire(join(root, "packages/core/test/bundle.cjs"))
    const modules: Readonly<Record<string, unknown>> = {
      "fast-check": { ...fc, ...quickly(() => mostRuns) },
      vitest: list.vitest
    }
    const files = new Map<string, () => unknown>()
    evaluate((name: string) => modules[name] ?? outer(name), files)
    const seen = new Map<string, ReadonlyMap<string, TestList.ListedTest>>()
    return (file) => {
      const known = seen.get(file)
      if (known !== undefined) return known
      const tests = list.of(file, () => files.get(file)?.())
      const kept = new Map(
        tests.filter(({ id }) => !TOO_LONG.some((part) => id.includes(part))).map((test) => [test.id, test])
      )
      seen.set(file, kept)
      return kept
    }
  }

  const recall = (): void => {
    const [times, needy, hits] = JSON.parse(readFileSync(TIMES, "utf8"))
    usualMillis = new Map(times)
    thorough = new Set(needy)
    usualHits = hits
  }

  /** The first to run are those that are quick, near the mutant, and have noticed much. */
  const costOf = (id: string, folder: string): number =>
    ((usualMillis.get(id) ?? 1) * (id.includes(`/test/${folder}/`) ? 1 : 10)) / (1 + (kills.get(id) ?? 0))

  /** A file that cannot be loaded fails its tests. */
  const runOne = async (id: string, testsIn: TestsIn, begin = (): void => {}): Promise<Outcome> => {
    const patience = PATIENCE_MILLIS + 10 * (usualMillis.get(id) ?? PATIENCE_MILLIS)
    mostRuns = thorough.has(id) ? Number.POSITIVE_INFINITY : Number(PROPERTY_RUNS)
    try {
      const ended = withinTime(patience, () => {
        const test = testsIn(fileOf(id)).get(id)
        if (test === undefined) throw new Error("the test is no longer there")
        begin()
        return test.run()
      })
      if (!(ended instanceof Promise)) return { late: false }
      const controller = new AbortController()
      const late = await Promise.race([
        ended.then(() => false),
        setTimeout(patience, true, { signal: controller.signal })
      ]).finally(() => controller.abort())
      return { late }
    } catch (fault) {
      const late = fault instanceof Error && "code" in fault && fault.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
      return late ? { late } : { fault, late }
    }
  }

  /** Runs a test without any mutant, and remembers how long it took. */
  const tryOut = async (test: TestList.ListedTest, testsIn: TestsIn) => {
    stryker.currentTestId = test.id
    usualMillis.set(test.id, 60_000)
    const start = performance.now()
    let { fault, late } = await runOne(test.id, testsIn)
    if (fault !== undefined) {
      // A test that counts what it saw may need all of its runs.
      thorough.add(test.id)
      ;({ fault, late } = await runOne(test.id, testsIn))
    }
    const timeSpentMs = performance.now() - start
    usualMillis.set(test.id, timeSpentMs)
    const named = { fileName: join(root, test.file), id: test.id, name: test.id, timeSpentMs }
    return fault === undefined && !late
      ? { ...named, status: 0 }
      : { ...named, failureMessage: late ? "never ended" : messageOf(fault), status: 1 }
  }

  /** What a mutant left behind may fail the tests of the next ones. Then this process is of no use, and Stryker makes another. */
  const passesWithout = async (id: string): Promise<void> => {
    stryker.activeMutant = "none"
    const file = fileOf(id)
    const [quickest = id] = [...usualMillis.keys()]
      .filter((other) => fileOf(other) === file)
      .sort((one, other) => (usualMillis.get(one) ?? 0) - (usualMillis.get(other) ?? 0))
    const { fault } = await runOne((usualMillis.get(id) ?? 0) < 100 ? id : quickest, evaluateAnew())
    if (fault !== undefined) throw new Error("a test fails without the mutant too", { cause: fault })
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    init: async () => {
      // The tree with the mutants in it, which this module itself is not loaded from.
      root = process.cwd()
      fc.configureGlobal({ seed: 20_261_123 })
      const tests = TESTS.split(",").flatMap((pattern) => globSync(pattern, { cwd: root }))
      files = [...new Set(tests)]
        .map(slashed)
        .filter((test) => !test.includes(".torture."))
        .sort()
      bundle = await bundleTests(root, files)
      evaluate = compileFunction(bundle.script, ["require", "files"]) as typeof evaluate
      // What comes from outside of the tree is loaded once, before anything is short of time.
      const testsIn = evaluateAnew()
      for (const file of files) testsIn(file)
    },

    dryRun: async () => {
      delete stryker.activeMutant
      stryker.mutantCoverage = undefined
      const results = []
      for (const file of files) {
        // What a module builds when it is first asked is built anew in a test of each file, not in the first one of all.
        stryker.currentTestId = undefined
        const testsIn = evaluateAnew()
        for (const test of testsIn(file).values()) results.push(await tryOut(test, testsIn))
      }
      stryker.currentTestId = undefined
      const coverage = coverageOf(stryker)
      usualHits = coverage?.perTest ?? {}
      writeFileSync(TIMES, JSON.stringify([[...usualMillis], [...thorough], usualHits]))
      return { mutantCoverage: coverage, status: "complete", tests: results }
    },

    mutantRun: async ({ activeMutant, hitLimit, mutantActivation, sandboxFileName, testFilter }: MutantRun) => {
      if (usualMillis.size === 0) recall()
      const path = slashed(relative(root, sandboxFileName))
      const folder = path.split("/")[3] ?? ""
      const concerned = new Set(bundle?.testsOf.get(path))
      const asked = testFilter ?? [...usualMillis.keys()].filter((id) => concerned.has(fileOf(id)))
      const order = asked
        .filter((id) => (usualMillis.get(id) ?? 0) <= Number(LONGEST_MILLIS))
        .map((id) => ({ cost: costOf(id, folder), id }))
        .sort((one, other) => one.cost - other.cost)
      const idle = mutantActivation === "static" ? activeMutant.id : "none"
      stryker.activeMutant = idle
      const testsIn = evaluateAnew()
      let ran = 0
      try {
        for (const { id } of order) {
          stryker.activeMutant = idle
          const { fault, late } = await runOne(id, testsIn, () => {
            const hits = usualHits[id]?.[activeMutant.id]
            stryker.hitCount = 0
            stryker.hitLimit = hits === undefined ? hitLimit : MORE_HITS * hits
            stryker.activeMutant = activeMutant.id
          })
          ran++
          if (late || (stryker.hitCount ?? 0) > (stryker.hitLimit ?? Infinity)) return { reason: id, status: "timeout" }
          if (fault === undefined) continue
          await passesWithout(id)
          kills.set(id, (kills.get(id) ?? 0) + 1)
          return { failureMessage: messageOf(fault), killedBy: [id], nrOfTests: ran, status: "killed" }
        }
        return { nrOfTests: ran, status: "survived" }
      } finally {
        stryker.activeMutant = "none"
      }
    }
  }
}

export const strykerPlugins = [{ factory: make, kind: "TestRunner", name: "in-process" }]
