import * as Simulation from "@batchbrake/core/forecast/Simulation"
import * as World from "@batchbrake/core/forecast/World"
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { Policy } from "@batchbrake/core/policy/Policy"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { many, count as printed } from "../../amounts.ts"
import { EXIT } from "../../Failure.ts"
import { count, type Given, refuse } from "../../Given.ts"
import { POLICY_FILE, readPolicy, readPolicyAt } from "../../Setting.ts"
import type { Verb } from "../../Verb.ts"
import type { World as Outside } from "../../World.ts"

const [MOST_WEEKS, MOST_RECIPES] = [520, 1000]
const [WEEKS, RECIPES, SEED] = [4, 5, "batchbrake"]

interface Contestant {
  readonly name: string
  readonly policy: Policy
}

interface Line {
  readonly world: World.Name
  /** The place of its policy among those compared: two can have one name. */
  readonly place: number
  readonly policy: string
  readonly regret: Simulation.Regret
}

const whole = Effect.fn("whole")(function* (given: Given, option: string, otherwise: number, most: number) {
  const stated = (yield* count(given, option)) ?? otherwise
  return stated < 1 || stated > most
    ? yield* refuse(`--${option}: found ${stated}, expected a whole number from 1 to ${most}`)
    : stated
})

const worldsOf = Effect.fn("worldsOf")(function* (given: Given) {
  const stated = given.texts("world")
  const unknown = stated.find((name) => !World.isName(name))
  if (unknown !== undefined) {
    return yield* refuse(`--world: found ${JSON.stringify(unknown)}, expected one of: ${World.NAMES.join(", ")}`)
  }
  return stated.length === 0 ? World.NAMES : World.NAMES.filter((name) => stated.includes(name))
})

const contestantsOf = Effect.fn("contestantsOf")(function* (given: Given, outside: Outside) {
  const first: Contestant = { name: given.text("policy") ?? POLICY_FILE, policy: yield* readPolicy(given, outside) }
  const others = yield* Effect.forEach(given.texts("to"), (name) =>
    Effect.map(readPolicyAt(given, outside, "to", name), (policy): Contestant => ({ name, policy }))
  )
  return [first, ...others]
})

/** The ecosystems that every policy knows, or those named. */
const ecosystemsOf = Effect.fn("ecosystemsOf")(function* (given: Given, contestants: ReadonlyArray<Contestant>) {
  const [first] = contestants
  const shared = Object.keys(first?.policy.ecosystems ?? {}).filter((name) =>
    contestants.every(({ policy }) => Object.hasOwn(policy.ecosystems, name))
  )
  const named = given.texts("ecosystem")
  const stranger = named.find((name) => !shared.includes(name))
  if (stranger !== undefined || shared.length === 0) {
    return yield* refuse(
      `${stranger === undefined ? "the policies share no ecosystem" : `not every policy knows ${stranger}`}; they share: ${shared.join(", ") || "none"}`
    )
  }
  return named.length > 0 ? named : shared
})

const sum = (lines: ReadonlyArray<Line>): Simulation.Regret => {
  const total = (key: keyof Simulation.Regret): number => lines.reduce((all, { regret }) => all + regret[key], 0)
  return {
    badAdmitted: total("badAdmitted"),
    badRefused: total("badRefused"),
    goodAdmitted: total("goodAdmitted"),
    goodRefused: total("goodRefused"),
    minutes: total("minutes"),
    openHours: total("openHours"),
    trips: total("trips")
  }
}

const cells = ({ badAdmitted, goodRefused, minutes, openHours, trips }: Simulation.Regret): ReadonlyArray<string> => [
  ...[badAdmitted, goodRefused, minutes, trips].map(printed),
  `${printed(openHours)} h`
]

const regretJson = (regret: Simulation.Regret): JsonObject => ({
  bad_admitted: regret.badAdmitted,
  bad_refused: regret.badRefused,
  good_admitted: regret.goodAdmitted,
  good_refused: regret.goodRefused,
  minutes: regret.minutes,
  open_hours: regret.openHours,
  trips: regret.trips
})

const played = Effect.fn("played")(function* (
  contestants: ReadonlyArray<Contestant>,
  worlds: ReadonlyArray<World.Name>,
  setup: Simulation.Setup
) {
  const lines: Array<Line> = []
  for (const world of worlds) {
    for (const [place, { name, policy }] of contestants.entries()) {
      const regret = Simulation.simulate(policy, world, World.WORLDS[world], setup)
      if (Result.isFailure(regret)) return yield* Effect.die(new Error(regret.failure.message))
      lines.push({ place, policy: name, regret: regret.success, world })
      // Between two worlds others get a turn: Ctrl-C ends it here.
      yield* Effect.yieldNow
    }
  }
  return lines
})

const run = Effect.fn("policy simulate")(function* (given: Given, outside: Outside) {
  const worlds = yield* worldsOf(given)
  const weeks = yield* whole(given, "weeks", WEEKS, MOST_WEEKS)
  const recipes = yield* whole(given, "recipes", RECIPES, MOST_RECIPES)
  const contestants = yield* contestantsOf(given, outside)
  const ecosystems = yield* ecosystemsOf(given, contestants)
  const seed = given.text("seed") ?? SEED
  const cost = contestants[0] === undefined ? {} : Simulation.costFor(contestants[0].policy, ecosystems.length, recipes)
  const started = outside.nowMillis()
  const lines = yield* played(contestants, worlds, { cost, ecosystems, recipes, seed, weeks })
  const minutes = (outside.nowMillis() - started) / 60_000
  const simulated = weeks * lines.length
  outside.say(
    `${many(simulated, "week")} simulated${minutes > 0 ? `, ${printed(Math.round(simulated / minutes))} a minute` : ""}`
  )
  const totals = contestants.map(({ name }, index) => ({
    name,
    regret: sum(lines.filter(({ place }) => place === index))
  }))
  return {
    exitCode: EXIT.done,
    json: {
      ecosystems,
      policies: contestants.map(({ name, policy }) => ({ hash: policy.hash, name })),
      recipes,
      seed,
      totals: totals.map(({ name, regret }) => ({ policy: name, ...regretJson(regret) })),
      weeks,
      worlds: lines.map(({ policy, regret, world }) => ({ policy, world, ...regretJson(regret) }))
    },
    text: [
      {
        head: ["WORLD", "POLICY", "BAD ADMITTED", "GOOD REFUSED", "MINUTES", "TRIPS", "NOT CLOSED"],
        rows: [
          ...lines.map(({ policy, regret, world }) => [world, policy, ...cells(regret)]),
          ...totals.map(({ name, regret }) => ["all", name, ...cells(regret)])
        ]
      },
      "",
      `${many(weeks, "week")} of each world, seed ${seed}; ${ecosystems.join(", ")}: ${many(recipes, "recipe")} an hour each`,
      ...worlds.map((name) => `  ${name}: ${World.WORLDS[name].says}`)
    ]
  }
})

export const simulate: Verb = {
  description:
    "Policies in made-up worlds where things go wrong, through the gate and the reducer: bad recipes admitted against good recipes refused, and minutes spent. The same seed gives the same figures.",
  examples: [
    "batchbrake policy simulate --weeks 1 --world collapse",
    "batchbrake policy simulate --to proposed.json --weeks 2 --seed 7 --json"
  ],
  options: {
    to: { help: "another policy, beside --policy", multiple: true, type: "string", value: "FILE|REV:PATH" },
    world: { help: `only this one of ${World.NAMES.join(", ")}`, multiple: true, type: "string", value: "W" },
    ecosystem: { help: "only this one", multiple: true, type: "string", value: "E" },
    weeks: { help: `weeks of each world (default ${WEEKS})`, type: "string", value: "N" },
    recipes: { help: `recipes of a batch (default ${RECIPES})`, type: "string", value: "N" },
    seed: { help: `any text (default ${SEED})`, type: "string", value: "S" }
  },
  run,
  takesNames: false,
  usage: "[--to FILE…] [--world W…] [--weeks N] [--seed S]"
}
