import { adoptHandEdit } from "@batchbrake/core/program/operate"
import { readStatus } from "@batchbrake/core/program/readStatus"
import * as Effect from "effect/Effect"
import { EXIT } from "../Failure.ts"
import { type Given, refuse, required } from "../Given.ts"
import { doneReport, reasonOption } from "../order.ts"
import { readPolicy, settingOf, timeOf } from "../Setting.ts"
import { storeOf } from "../store.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const adopt = Effect.fn("audit --adopt")(function* (given: Given, world: World) {
  const reason = yield* required(given, "reason", "standing for an edit by hand needs a reason")
  const { store, ...origin } = yield* settingOf(given, world)
  const done = yield* adoptHandEdit(origin, reason).pipe(Effect.provide(store))
  return doneReport(done, { findings: [] }, "edit by hand recorded")
})

const check = Effect.fn("audit")(function* (given: Given, world: World) {
  if (given.text("reason") !== undefined) return yield* refuse("--reason goes with --adopt")
  const at = yield* timeOf(given, world)
  const policy = yield* readPolicy(given, world)
  const { edit, version } = yield* readStatus(policy, at, []).pipe(
    Effect.provide(storeOf(given, world, policy.controlBranch))
  )
  const findings = (edit?.loosenings ?? []).map(({ path }) => ({
    code: "unexplained-edit",
    commit: version,
    message: `${path} was loosened by hand since the last event`,
    path
  }))
  return {
    exitCode: findings.length > 0 ? EXIT.found : EXIT.done,
    json: { findings },
    text:
      findings.length > 0
        ? [...findings.map(({ message }) => message), "`batchbrake audit --adopt --reason R` records it as it stands"]
        : ["nothing at the head of the control branch that no event explains"]
  }
})

export const audit: Verb = {
  description:
    "Check the head of the control branch for edits by hand that no event explains; --adopt stands for them.",
  examples: ["batchbrake audit", 'batchbrake audit --adopt --reason "restored by the on-call operator"'],
  options: { adopt: { help: "record the edit as it stands", type: "boolean" }, reason: reasonOption },
  run: (given, world) => (given.flag("adopt") ? adopt(given, world) : check(given, world)),
  takesNames: false,
  usage: "[--adopt --reason R]"
}
