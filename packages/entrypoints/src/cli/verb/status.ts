import { countFailures } from "@batchbrake/core/breaker/OutcomeWindow"
import * as Budget from "@batchbrake/core/budget/Budget"
import * as Minutes from "@batchbrake/core/budget/Minutes"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import { breakerOf, type ControlFile } from "@batchbrake/core/control/ControlFile"
import type { Decision } from "@batchbrake/core/control/Decision"
import * as DecisionJson from "@batchbrake/core/control/DecisionJson"
import { EVERYTHING } from "@batchbrake/core/control/Pause"
import type { Policy } from "@batchbrake/core/policy/Policy"
import { readStatus } from "@batchbrake/core/program/readStatus"
import * as Price from "@batchbrake/core/sli/Price"
import * as SliJson from "@batchbrake/core/sli/SliJson"
import { type EpochMillis, format } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { gateTable, limitText, namedEcosystems } from "../decide.ts"
import { EXIT } from "../Failure.ts"
import type { Given } from "../Given.ts"
import { moneyText } from "../money.ts"
import { noticesText } from "../order.ts"
import type { Line, Table } from "../Page.ts"
import { readPolicy, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const BREAKER_COLOURS = { closed: "green", "half-open": "yellow", open: "red" } as const

const breakerTable = (file: ControlFile, decisions: ReadonlyArray<Decision>): Table => ({
  head: ["BREAKER", "STATE", "WINDOW", "FAILURES", "TRIPS", "OPENED", "NEXT PROBE"],
  rows: decisions.map(({ ecosystem }) => {
    const breaker = breakerOf(file, ecosystem)
    const window = breaker.window ?? ""
    const passed = window.length - countFailures(window)
    return [
      ecosystem,
      { colour: BREAKER_COLOURS[breaker.state], text: breaker.state },
      window === "" ? "-" : `${passed}/${window.length} passed`,
      String(breaker.failures),
      String(breaker.trips),
      breaker.openedAt === undefined ? "-" : format(breaker.openedAt),
      breaker.state === "open" && breaker.opensAt !== undefined ? format(breaker.opensAt) : "-"
    ]
  })
})

const budgetTable = (policy: Policy, file: ControlFile): Table => {
  const reserved = Budget.reserved(file.budget)
  return {
    head: ["BUDGET", "SPENT", "RESERVED", "CAP", "SHARE"],
    rows: Object.entries(policy.budget.caps).map(([platform, cap]) => {
      const [spent, held] = [Minutes.of(file.budget.used, platform), Minutes.of(reserved, platform)]
      const sampled = Budget.samplingPlatforms(policy.budget, file.budget).includes(platform)
      const paused = Budget.pausedPlatforms(policy.budget, file.budget).includes(platform)
      const share = cap === 0 ? "-" : `${Math.floor(((spent + held) / cap) * 100)} %`
      const word = paused ? " paused" : sampled ? " sampled" : ""
      return [
        platform,
        String(spent),
        String(held),
        String(cap),
        { colour: paused ? "red" : sampled ? "yellow" : "green", text: share + word } as const
      ]
    })
  }
}

const held = (file: ControlFile): ReadonlyArray<string> =>
  file.budget.reservations.map(
    (grant) =>
      `  ${grant.ecosystem}: ${grant.runKey} (${grant.kind}, ${grant.author}) until ${format(grant.expiresAt)}, ` +
      Minutes.print(grant.minutes) +
      limitText(grant)
  )

const pauses = (file: ControlFile): ReadonlyArray<string> =>
  Object.entries(file.pauses).map(
    ([scope, { at, author, autoResume, expectedResume, reason }]) =>
      `  ${scope === EVERYTHING ? "everything" : scope}: ${reason} (${author}${at === undefined ? "" : `, ${format(at)}`}` +
      `${expectedResume === undefined ? "" : `, ${autoResume ? "resumes by itself" : "expected to resume"} ${format(expectedResume)}`})`
  )

/** The week, and what its minutes come to so far. */
const weekText = (weekStart: EpochMillis, cost: Price.Cost): string =>
  `week of ${format(weekStart)}${cost.dollars === 0 && cost.unpriced.length === 0 ? "" : `: ${moneyText(cost)}`}`

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<Line> =>
  lines.length === 0 ? [] : ["", { colour: "bold", text: title }, ...lines]

const run = Effect.fn("status")(function* (given: Given, world: World) {
  const named = yield* namedEcosystems(given)
  const at = yield* timeOf(given, world)
  const policy = yield* readPolicy(given, world)
  const ecosystems = named.length > 0 ? named : Object.keys(policy.ecosystems)
  const { decisions, file, notices } = yield* readStatus(policy, at, ecosystems).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const cost = Price.costOf(file.budget.used, at)
  return {
    exitCode: EXIT.done,
    json: {
      control: ControlCodec.toJson(file),
      ecosystems: decisions.map(DecisionJson.toJson),
      cost: SliJson.cost(cost)
    },
    text: [
      gateTable(decisions),
      "",
      breakerTable(file, decisions),
      "",
      budgetTable(policy, file),
      ...(file.budget.weekStart === undefined ? [] : [weekText(file.budget.weekStart, cost)]),
      ...section("Pauses", pauses(file)),
      ...section("Grants", held(file)),
      ...section("Notices", noticesText(notices))
    ]
  }
})

export const status: Verb = {
  description: "What stands: decisions, breakers, minutes, pauses, and who holds what until when.",
  examples: ["batchbrake status", "batchbrake status --json --ecosystem npm"],
  options: {
    ecosystem: { help: "only this one; may be repeated", multiple: true, type: "string", value: "E" }
  },
  run,
  takesNames: false,
  usage: "[--ecosystem E]…"
}
