import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { EVERYTHING } from "@batchbrake/core/control/Pause"
import { operate } from "@batchbrake/core/program/operate"
import * as Effect from "effect/Effect"
import { namedEcosystems } from "../decide.ts"
import { type Given, instant, refuse, required } from "../Given.ts"
import { doneReport, ecosystemOption, reasonOption } from "../order.ts"
import { settingOfStop } from "../Setting.ts"
import type { Verb } from "../Verb.ts"
import type { World } from "../World.ts"

const run = Effect.fn("pause")(function* (given: Given, world: World) {
  const reason = yield* required(given, "reason", "say why, for whoever reads it next")
  const ecosystems = yield* namedEcosystems(given)
  const until = yield* instant(given, "until")
  const autoResume = given.flag("auto-resume")
  if (autoResume && until === undefined) return yield* refuse("--auto-resume needs --until TIME")
  const [category, incident] = [given.text("category"), given.text("incident")]
  const { store, ...origin } = yield* settingOfStop(given, world)
  const scopes = ecosystems.length > 0 ? ecosystems : [EVERYTHING]
  const events = scopes.map(
    (scope): ControlEvent => ({
      _tag: "Paused",
      at: origin.at,
      author: origin.author,
      autoResume,
      id: origin.nonce,
      reason,
      scope,
      ...(category === undefined ? {} : { category }),
      ...(incident === undefined ? {} : { incidentUrl: incident }),
      ...(until === undefined ? {} : { expectedResume: until })
    })
  )
  const done = yield* operate(origin, events).pipe(Effect.provide(store))
  const named = ecosystems.length > 0 ? ecosystems.join(", ") : "everything"
  const stopped = doneReport(done, { scopes }, `pause of ${named}`)
  if (!given.flag("judge")) return stopped
  const { judgeAfter } = yield* Effect.promise(() => import("../judge.ts"))
  return yield* judgeAfter(given, world, origin, stopped)
})

export const pause: Verb = {
  description: "Stop these ecosystems, or everything. Takes effect at the next question to the gate.",
  examples: [
    'batchbrake pause --reason "bad checksums upstream" --incident https://example.com/incident/7',
    'batchbrake pause npm pypi --reason "registry maintenance" --until 2026-11-24T06:00:00Z --auto-resume'
  ],
  options: {
    "auto-resume": { help: "resume by itself at --until", type: "boolean" },
    category: { help: "what kind of stop this is", type: "string", value: "C" },
    ecosystem: { ...ecosystemOption, help: "stop this one; may be repeated (default: everything)" },
    incident: { help: "where the incident is written down", type: "string", value: "URL" },
    judge: {
      help: "then say on open pull requests of batches whether they may land",
      type: "boolean"
    },
    reason: reasonOption,
    until: { help: "when it is expected to end; for information, unless --auto-resume", type: "string", value: "TIME" }
  },
  run,
  takesNames: true,
  usage: "[E…] --reason R [--category C] [--incident URL] [--until TIME [--auto-resume]] [--judge]"
}
