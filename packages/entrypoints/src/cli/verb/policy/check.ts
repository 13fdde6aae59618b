import * as Fault from "@batchbrake/core/json/Fault"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Finding from "@batchbrake/core/policy/Finding"
import * as Soundness from "@batchbrake/core/policy/Soundness"
import type { Asked } from "@batchbrake/core/testing/checkLaws"
import { SECOND } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { counted } from "../../batches.ts"
import { EXIT, InputUnusable } from "../../Failure.ts"
import { count, type Given, refuse } from "../../Given.ts"
import { faultsText } from "../../input.ts"
import type { Line } from "../../Page.ts"
import { policyText } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World } from "../../World.ts"

const DEFAULT_SECONDS = 10
const DEFAULT_CASES = 100
/** With a time stated, that alone ends it. */
const CASES_WITHOUT_END = 1_000_000

/** What ends the trying of the laws. */
interface Bound {
  /** A law; `undefined` where time alone ends it. */
  readonly cases: number | undefined
  /** `undefined` where no time does. */
  readonly seconds: number | undefined
}

/** A place in the file, or the file itself. */
const placeOf = (path: Finding.Path, name: string): string => (path.length === 0 ? name : Finding.printPath(path))

const findingJson = ({ code, mend, message, path, severity }: Finding.Finding, name: string): JsonObject => ({
  code,
  severity,
  path: placeOf(path, name),
  message,
  mend: mend.map((change) => ({
    path: placeOf(change.path, name),
    ...(change.value === undefined ? { remove: true } : { set: change.value })
  }))
})

const outcomeOf = ({ counterexample, untried }: Asked): "broken" | "held" | "untried" =>
  counterexample !== undefined ? "broken" : untried === undefined ? "held" : "untried"

const lawJson = (asked: Asked): JsonObject => ({
  law: asked.law.name,
  rules: asked.law.rules,
  says: asked.law.says,
  runs: asked.runs,
  tried: asked.tried,
  outcome: outcomeOf(asked),
  ...(asked.untried === undefined ? {} : { why: asked.untried }),
  ...(asked.counterexample === undefined
    ? {}
    : { counterexample: { because: asked.counterexample.because, story: asked.counterexample.story } })
})

const findingText = ({ code, mend, message, path, severity }: Finding.Finding, name: string): ReadonlyArray<Line> => [
  severity === "error"
    ? { colour: "red", text: `${code} at ${placeOf(path, name)}` }
    : { colour: "yellow", text: `warning: ${code} at ${placeOf(path, name)}` },
  `  ${message}`,
  `  mend: ${mend.map(Finding.printChange).join(", ")}`
]

const lawText = ({ counterexample, law }: Asked): ReadonlyArray<Line> =>
  counterexample === undefined
    ? []
    : [
        { colour: "red", text: `the law "${law.name}" is broken: ${law.says}` },
        `  ${counterexample.because}`,
        ...counterexample.story.map((line) => `  ${line}`)
      ]

/** The JSON of the file; what is no JSON at all cannot be checked. */
const fileOf = Effect.fn("fileOf")(function* (given: Given, world: World) {
  const [named, ...others] = given.names
  if (others.length > 0) return yield* refuse(`policy check takes one file, and was given ${given.names.length}`)
  const { name, text } = yield* policyText(given, world, named)
  const file = Fault.parseText(text)
  if (Result.isFailure(file)) {
    const path = file.failure[0]?.path ?? ""
    const message = `${name} cannot be read: ${faultsText(file.failure)}`
    return yield* new InputUnusable({ code: "policy-unreadable", message, path: path === "" ? name : path })
  }
  return { file: file.success, name }
})

/** A seed repeats cases, and a time would end them elsewhere on another machine: the one or the other. */
const boundOf = Effect.fn("boundOf")(function* (given: Given) {
  const cases = yield* count(given, "cases")
  const seconds = yield* count(given, "budget")
  const seed = yield* count(given, "seed")
  if (seconds === 0) return { cases: undefined, seconds }
  if (seconds !== undefined && (seed !== undefined || cases !== undefined)) {
    return yield* refuse(
      "--budget ends the laws by time, --seed and --cases by their number: leave --budget out, or say --budget 0 for none"
    )
  }
  const isRepeated = seed !== undefined || cases !== undefined
  return {
    cases: cases ?? (seconds === undefined ? DEFAULT_CASES : undefined),
    seconds: seconds ?? (isRepeated ? undefined : DEFAULT_SECONDS)
  }
})

/** Loads the laws only where there is time for them: they bring the engine that makes and shrinks cases along. */
const lawsOf = (policy: Soundness.Sound["policy"], seed: number, { cases, seconds }: Bound) =>
  Effect.promise(async (): Promise<ReadonlyArray<Asked>> => {
    if (policy === undefined || seconds === 0 || cases === 0) return []
    const { checkLaws } = await import("@batchbrake/core/testing/checkLaws")
    const asking = { runs: cases ?? CASES_WITHOUT_END, seed }
    return checkLaws(policy, seconds === undefined ? asking : { ...asking, budgetMillis: seconds * SECOND })
  })

/** How many laws held, and of which nothing can be said. */
const lawsText = (
  laws: ReadonlyArray<Asked>,
  policy: Soundness.Sound["policy"],
  seed: number,
  { cases }: Bound
): ReadonlyArray<string> => {
  if (policy === undefined) return ["no law was tried: the file is no policy yet"]
  if (laws.length === 0) {
    const isEmpty = Object.keys(policy.ecosystems).length === 0
    return [`no law was tried: ${isEmpty ? "the policy names no ecosystem" : "none was asked for"}`]
  }
  const untried = laws.filter((asked) => outcomeOf(asked) === "untried")
  const held = laws.filter((asked) => outcomeOf(asked) === "held").length
  const tried = laws.reduce((sum, { runs }) => sum + runs, 0)
  const most = Math.max(cases ?? 0, ...laws.map(({ runs }) => runs))
  const isUsual = cases === undefined ? most <= DEFAULT_CASES : most === DEFAULT_CASES
  const again = isUsual ? `--seed ${seed}` : `--seed ${seed} --cases ${most}`
  return [
    `${counted(held, "law")} held, ${untried.length} not tried, in ${counted(tried, "case")}; ` +
      `\`${again}\` tries the same ones again, whatever the time`,
    ...untried.map((asked) => `  not tried: ${asked.law.name} (${asked.untried})`)
  ]
}

const run = Effect.fn("policy check")(function* (given: Given, world: World) {
  const bound = yield* boundOf(given)
  const seed = (yield* count(given, "seed")) ?? Number.parseInt(world.random().slice(0, 5), 16) % 100_000
  const { file, name } = yield* fileOf(given, world)
  const { findings, policy } = Soundness.check(file)
  const asked = yield* lawsOf(policy, seed, bound)
  const broken = asked.filter((each) => outcomeOf(each) === "broken")
  const warnings = findings.filter(({ severity }) => severity === "warning").length
  const errors = findings.length - warnings
  const isFound = errors + broken.length > 0
  const warned = warnings === 0 ? "" : `, ${counted(warnings, "warning")}`
  return {
    exitCode: isFound ? EXIT.found : EXIT.done,
    json: {
      policy: { name, ...(policy === undefined ? {} : { hash: policy.hash }) },
      findings: findings.map((each) => findingJson(each, name)),
      seed,
      bound: {
        ...(bound.cases === undefined ? {} : { cases: bound.cases }),
        ...(bound.seconds === undefined ? {} : { seconds: bound.seconds })
      },
      laws: asked.map(lawJson)
    },
    text: [
      ...findings.flatMap((each) => findingText(each, name)),
      ...broken.flatMap(lawText),
      isFound
        ? `${name}: ${counted(errors, "finding")}${warned}, ${counted(broken.length, "broken law")}`
        : { colour: "green" as const, text: `${name}: nothing found${warned === "" ? "" : ` but${warned.slice(1)}`}` },
      ...lawsText(asked, policy, seed, bound)
    ]
  }
})

export const check: Verb = {
  description:
    "Is a policy sound? Its shape, with the path of every fault; what it can never do, with the smallest change that mends " +
    "it; and the laws of the gate under it, tried on events made up from a seed.",
  examples: ["batchbrake policy check", "batchbrake policy check batch-policy.json --seed 7 --cases 20 --json"],
  options: {
    budget: {
      help: `seconds for the laws; 0 leaves them out (default: ${DEFAULT_CASES} cases a law, ${DEFAULT_SECONDS} s at most)`,
      type: "string",
      value: "SECONDS"
    },
    cases: { help: `cases a law, whatever the time (with --seed: ${DEFAULT_CASES})`, type: "string", value: "N" },
    seed: {
      help: "try the cases of an earlier check again: ended by their number, not by time",
      type: "string",
      value: "N"
    }
  },
  run,
  takesNames: true,
  usage: "[FILE|REV:PATH] [--seed N] [--cases N] [--budget SECONDS]"
}
