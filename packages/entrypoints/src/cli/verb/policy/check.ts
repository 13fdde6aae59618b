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
const RUNS = 100
/** With a time stated, that alone ends it. */
const RUNS_WITHOUT_END = 1_000_000

const findingJson = ({ code, mend, message, path }: Finding.Finding): JsonObject => ({
  code,
  path: Finding.printPath(path),
  message,
  mend: mend.map((change) => ({
    path: Finding.printPath(change.path),
    ...(change.value === undefined ? { remove: true } : { set: change.value })
  }))
})

const lawJson = ({ counterexample, law, runs, tried }: Asked): JsonObject => ({
  law: law.name,
  rules: law.rules,
  says: law.says,
  runs,
  tried,
  ...(counterexample === undefined
    ? {}
    : { counterexample: { because: counterexample.because, story: counterexample.story } })
})

const findingText = ({ code, mend, message, path }: Finding.Finding): ReadonlyArray<Line> => [
  { colour: "red", text: `${code} at ${path.length === 0 ? "the whole file" : Finding.printPath(path)}` },
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

/** Loads the laws only where there is time for them: they bring the engine that makes and shrinks cases along. */
const lawsOf = (policy: Soundness.Sound["policy"], seed: number, seconds: number | undefined) =>
  Effect.promise(async (): Promise<ReadonlyArray<Asked>> => {
    if (policy === undefined || seconds === 0) return []
    const { checkLaws } = await import("@batchbrake/core/testing/checkLaws")
    const runs = seconds === undefined ? RUNS : RUNS_WITHOUT_END
    return checkLaws(policy, { budgetMillis: (seconds ?? DEFAULT_SECONDS) * SECOND, runs, seed })
  })

const run = Effect.fn("policy check")(function* (given: Given, world: World) {
  const seconds = yield* count(given, "budget")
  const seed = (yield* count(given, "seed")) ?? Number.parseInt(world.random().slice(0, 5), 16) % 100_000
  const { file, name } = yield* fileOf(given, world)
  const { findings, policy } = Soundness.check(file)
  const asked = yield* lawsOf(policy, seed, seconds)
  const broken = asked.filter(({ counterexample }) => counterexample !== undefined)
  const cases = asked.reduce((sum, { runs }) => sum + runs, 0)
  const isFound = findings.length + broken.length > 0
  return {
    exitCode: isFound ? EXIT.found : EXIT.done,
    json: {
      policy: { name, ...(policy === undefined ? {} : { hash: policy.hash }) },
      findings: findings.map(findingJson),
      seed,
      laws: asked.map(lawJson)
    },
    text: [
      ...findings.flatMap(findingText),
      ...broken.flatMap(lawText),
      isFound
        ? `${name}: ${counted(findings.length, "finding")}, ${counted(broken.length, "broken law")}`
        : { colour: "green" as const, text: `${name}: nothing found` },
      ...(asked.length === 0
        ? []
        : [
            `${counted(asked.length - broken.length, "law")} held in ${counted(cases, "case")}; ` +
              `\`--seed ${seed}\` tries the same ones again`
          ])
    ]
  }
})

export const check: Verb = {
  description:
    "Is a policy sound? Its shape, with the path of every fault; what it can never do, with the smallest change that mends " +
    "it; and the laws of the gate under it, tried on events made up from a seed.",
  examples: ["batchbrake policy check", "batchbrake policy check batch-policy.json --seed 7 --budget 2 --json"],
  options: {
    budget: {
      help: `seconds for the laws; 0 leaves them out (default: ${RUNS} cases a law, ${DEFAULT_SECONDS} s at most)`,
      type: "string",
      value: "SECONDS"
    },
    seed: { help: "try the cases of an earlier check again", type: "string", value: "N" }
  },
  run,
  takesNames: true,
  usage: "[FILE|REV:PATH] [--seed N] [--budget SECONDS]"
}
