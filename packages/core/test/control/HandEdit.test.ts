import { strict as assert } from "node:assert"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import type { ControlFile } from "@batchbrake/core/control/ControlFile"
import { breakerOf, withBreaker, withPauses } from "@batchbrake/core/control/ControlFile"
import { decide } from "@batchbrake/core/control/Decision"
import * as HandEdit from "@batchbrake/core/control/HandEdit"
import * as Pause from "@batchbrake/core/control/Pause"
import { isObject, type Json } from "@batchbrake/core/json/Json"
import * as ControlArbitrary from "@batchbrake/core/testing/ControlArbitrary"
import { ask, world, worldWith } from "@batchbrake/core/testing/WorldArbitrary"
import { format, HOUR } from "@batchbrake/core/time/Instant"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const [NOON, ONE, TWO, LATE] = [
  "2026-11-23T12:00:00Z",
  "2026-11-23T13:00:00Z",
  "2026-11-23T14:00:00Z",
  "2026-11-24T00:00:00Z"
]
const GRANT = {
  admitted_at: NOON,
  batch: "b",
  batch_size: 5,
  by: "ci",
  ecosystem: "npm",
  expires_at: TWO,
  generation: 3,
  kind: "run",
  max_attempts: 5,
  minutes: { linux: 60, macos: 20 },
  probe_recipes: ["a"],
  run_key: "k"
}
const OVER = { ecosystem: "npm", expired_at: NOON, minutes: { linux: 60 }, run_key: "j" }
const FILE = {
  enabled: true,
  disabled_ecosystems: ["cask", "go"],
  reason: "r",
  incident_url: "u",
  disabled_by: "ops",
  disabled_at: NOON,
  expected_resume: TWO,
  circuit_breaker: {
    "crates.io": {
      state: "half-open",
      failures: 3,
      last_failure: NOON,
      opens_at: ONE,
      window: "PFF",
      generation: 4,
      trips: 2,
      opened_at: NOON,
      closed_at: NOON,
      half_open_successes: 1,
      probe: { run_key: "k", expires_at: TWO },
      recent_probes: ["a"]
    },
    npm: {
      state: "closed",
      failures: 1,
      last_failure: NOON,
      opens_at: "",
      window: "PFP",
      generation: 3,
      trips: 1,
      opened_at: NOON,
      closed_at: ONE
    },
    pip: {
      state: "open",
      failures: 3,
      last_failure: NOON,
      opens_at: ONE,
      window: "PFF",
      generation: 1,
      trips: 2,
      opened_at: NOON
    }
  },
  budget: {
    macos_minutes_used: 20,
    linux_minutes_used: 200,
    windows_minutes_used: 7,
    week_start: "2026-11-23T00:00:00Z",
    sampling_active: false,
    reservations: [GRANT],
    expired: [OVER]
  },
  version: 1,
  pauses: {
    cask: {
      reason: "r",
      by: "ops",
      at: NOON,
      expected_resume: TWO,
      auto_resume: true,
      category: "c",
      incident_url: "u"
    },
    go: { reason: "r", by: "ops", at: NOON, expected_resume: TWO }
  }
}

type Path = ReadonlyArray<string | number>

/** `undefined` takes the field out. */
const edited = (value: Json, path: Path, to: Json | undefined): Json => {
  const [head, ...rest] = path
  if (head === undefined) return to ?? null
  if (Array.isArray(value)) {
    return rest.length === 0 && to === undefined
      ? value.filter((_, index) => index !== head)
      : value.map((item, index) => (index === head ? edited(item, rest, to) : item))
  }
  const object = isObject(value) ? value : {}
  const { [String(head)]: before = {}, ...others } = object
  return rest.length === 0 && to === undefined ? others : { ...object, [String(head)]: edited(before, rest, to) }
}

const read = (json: Json): ControlFile =>
  Result.getOrThrowWith(ControlCodec.fromJson(json), (faults) => new Error(JSON.stringify(faults)))
const BEFORE = read(FILE)
const found = (path: Path, to: Json | undefined): ReadonlyArray<string> =>
  HandEdit.loosenings(BEFORE, read(edited(FILE, path, to))).map((loosening) => loosening.path)

const B = "circuit_breaker"
const CRATES = `${B}["crates.io"]`

/** An edit of one field: `undefined` removes it. What is looser, with its path; `none`: stricter, or neutral. */
const EDITS: ReadonlyArray<readonly [path: Path, to: Json | undefined, looser: string | "none"]> = [
  [["enabled"], false, "none"],
  [["disabled_ecosystems"], [], "none"],
  [["disabled_ecosystems"], ["cask", "go", "npm"], "none"],
  ...["reason", "incident_url", "disabled_by", "disabled_at", "expected_resume", "version"].map(
    (key) => [[key], undefined, "none"] as const
  ),
  [[B, "npm", "state"], "open", "none"],
  [[B, "npm", "state"], "half-open", "none"],
  [[B, "pip", "state"], "closed", `${B}.pip.state`],
  [[B, "pip", "state"], "half-open", `${B}.pip.state`],
  [[B, "crates.io", "state"], "closed", `${CRATES}.state`],
  [[B, "crates.io", "state"], "open", `${CRATES}.opens_at`],
  [[B, "pip", "failures"], 2, `${B}.pip.failures`],
  [[B, "pip", "failures"], 4, "none"],
  [[B, "npm", "failures"], 0, `${B}.npm.failures`],
  [[B, "npm", "last_failure"], "", "none"],
  [[B, "npm", "opens_at"], ONE, "none"],
  [[B, "pip", "opens_at"], NOON, `${B}.pip.opens_at`],
  [[B, "pip", "opens_at"], "2026-11-23T12:59:59.999Z", `${B}.pip.opens_at`],
  [[B, "pip", "opens_at"], "", `${B}.pip.opens_at`],
  [[B, "pip", "opens_at"], undefined, `${B}.pip.opens_at`],
  [[B, "pip", "opens_at"], "2026-11-23T13:00:00.001Z", "none"],
  [[B, "npm", "window"], "PFF", "none"],
  [[B, "npm", "window"], "PPP", `${B}.npm.window`],
  [[B, "npm", "window"], "FPP", `${B}.npm.window`],
  [[B, "npm", "window"], "PF", `${B}.npm.window`],
  [[B, "npm", "window"], "PFPP", `${B}.npm.window`],
  [[B, "npm", "window"], undefined, `${B}.npm.window`],
  [[B, "npm", "generation"], 2, `${B}.npm.generation`],
  [[B, "npm", "generation"], 4, `${B}.npm.generation`],
  [[B, "pip", "trips"], 1, `${B}.pip.trips`],
  [[B, "pip", "trips"], 3, "none"],
  [[B, "npm", "opened_at"], ONE, `${B}.npm.opened_at`],
  [[B, "npm", "closed_at"], NOON, `${B}.npm.closed_at`],
  [[B, "npm", "closed_at"], undefined, `${B}.npm.closed_at`],
  [[B, "crates.io", "half_open_successes"], 2, `${CRATES}.half_open_successes`],
  [[B, "crates.io", "half_open_successes"], 0, "none"],
  [[B, "crates.io", "probe"], undefined, `${CRATES}.probe`],
  [[B, "crates.io", "probe", "run_key"], "mine", `${CRATES}.probe`],
  [[B, "crates.io", "probe", "expires_at"], ONE, `${CRATES}.probe`],
  [[B, "crates.io", "probe", "expires_at"], LATE, "none"],
  [[B, "crates.io", "recent_probes"], [], "none"],
  [[B, "npm"], undefined, `${B}.npm.failures`],
  [[B, "pip"], undefined, `${B}.pip.state`],
  [[B, "new"], { state: "open" }, "none"],
  [[B, "new"], { state: "closed", window: "PPPP" }, `${B}.new.window`],
  [["budget", "macos_minutes_used"], 19, "budget.macos_minutes_used"],
  [["budget", "macos_minutes_used"], 21, "none"],
  [["budget", "linux_minutes_used"], 199, "budget.linux_minutes_used"],
  [["budget", "windows_minutes_used"], undefined, "budget.windows_minutes_used"],
  [["budget", "freebsd_minutes_used"], 1, "none"],
  [["budget", "week_start"], LATE, "budget.week_start"],
  [["budget", "week_start"], "", "budget.week_start"],
  [["budget", "week_start"], "2026-11-16T00:00:00Z", "budget.week_start"],
  [["budget", "sampling_active"], true, "none"],
  [["budget", "reservations"], undefined, "budget.reservations"],
  [["budget", "reservations"], [GRANT, { ...GRANT, run_key: "invented" }], "budget.reservations"],
  [["budget", "reservations", 0, "ecosystem"], "pip", "budget.reservations"],
  [["budget", "reservations", 0, "run_key"], "mine", "budget.reservations"],
  [["budget", "reservations", 0, "kind"], "probe", "budget.reservations"],
  [["budget", "reservations", 0, "generation"], 4, "budget.reservations"],
  [["budget", "reservations", 0, "generation"], 2, "budget.reservations"],
  [["budget", "reservations", 0, "admitted_at"], ONE, "none"],
  [["budget", "reservations", 0, "expires_at"], ONE, "budget.reservations"],
  [["budget", "reservations", 0, "expires_at"], LATE, "none"],
  [["budget", "reservations", 0, "batch_size"], 6, "budget.reservations"],
  [["budget", "reservations", 0, "batch_size"], 4, "none"],
  [["budget", "reservations", 0, "max_attempts"], 6, "budget.reservations"],
  [["budget", "reservations", 0, "max_attempts"], 4, "none"],
  [["budget", "reservations", 0, "minutes", "macos"], 19, "budget.reservations"],
  [["budget", "reservations", 0, "minutes", "macos"], 21, "none"],
  [["budget", "reservations", 0, "minutes", "linux"], undefined, "budget.reservations"],
  [["budget", "reservations", 0, "batch"], "c", "none"],
  [["budget", "reservations", 0, "by"], "me", "none"],
  [["budget", "reservations", 0, "probe_recipes"], ["easy"], "budget.reservations"],
  [["budget", "expired"], undefined, "none"],
  [["budget", "expired"], [OVER, { ...OVER, run_key: "invented" }], "budget.expired"],
  [["budget", "expired", 0, "ecosystem"], "pip", "budget.expired"],
  [["budget", "expired", 0, "run_key"], "mine", "budget.expired"],
  [["budget", "expired", 0, "expired_at"], ONE, "none"],
  [["budget", "expired", 0, "minutes", "linux"], 61, "budget.expired"],
  [["budget", "expired", 0, "minutes", "linux"], 59, "none"],
  [["budget", "expired", 0, "minutes", "macos"], 1, "budget.expired"],
  [["pauses", "cask"], undefined, "none"],
  [["pauses", "cask", "expected_resume"], ONE, "pauses.cask"],
  [["pauses", "cask", "expected_resume"], LATE, "none"],
  [["pauses", "cask", "auto_resume"], false, "none"],
  [["pauses", "go", "auto_resume"], true, "pauses.go"],
  [["pauses", "go", "expected_resume"], NOON, "none"],
  ...["reason", "by", "at", "category", "incident_url"].map(
    (key) => [["pauses", "cask", key], key === "at" ? ONE : "x", "none"] as const
  ),
  [["pauses", "npm"], { by: "me", reason: "r" }, "none"],
  [["pauses", "*"], { by: "me", reason: "r" }, "none"],
  [["note"], "a field that nobody knows", "none"],
  [[B, "npm", "note"], { a: 1 }, "none"]
]

const leaves = (value: Json, path: Path = []): ReadonlyArray<Path> =>
  isObject(value) || (Array.isArray(value) && value.some(isObject))
    ? Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, Array.isArray(value) ? Number(key) : key]))
    : [path]

describe("HandEdit (SPEC.md HE)", () => {
  it.each(
    EDITS.map(([path, to, looser]) => ({
      looser,
      name: `${path.join(".")} = ${JSON.stringify(to) ?? "nothing"}`,
      path,
      to
    }))
  )("[HE3] after the edit $name, what is looser is $looser", ({ looser, path, to }) => {
    const paths = found(path, to)
    if (looser === "none") assert.deepEqual(paths, [])
    else assert.ok(paths.includes(looser), JSON.stringify(paths))
  })

  it("[HE3] each field of the file is tried, in some breaker", () => {
    const kindOf = (path: Path): string =>
      path
        .map((part, at) => (path[0] === B && at === 1 ? "E" : path[0] === "pauses" && at === 1 ? "S" : part))
        .join(".")
    const tried = new Set(EDITS.map(([path]) => kindOf(path)))
    assert.deepEqual(
      leaves(FILE)
        .map(kindOf)
        .filter((kind) => !tried.has(kind)),
      []
    )
  })

  it("[HE3] no change is no loosening, and neither is any other way to write the same", () => {
    fc.assert(
      fc.property(world, ({ control: { file } }) => {
        assert.deepEqual(HandEdit.loosenings(file, file), [])
        const reread = Result.getOrThrow(ControlCodec.decode(ControlCodec.encode(file).replaceAll(/\s/g, " ")))
        assert.deepEqual(HandEdit.loosenings(file, reread), [])
      })
    )
  })

  it("[HE3] an older tool that trips a breaker in the published fields alone makes nothing looser", () => {
    const { circuit_breaker: breakers } = FILE
    const tripped = { state: "open", failures: 10, last_failure: ONE, opens_at: TWO }
    assert.deepEqual(HandEdit.loosenings(BEFORE, read({ ...FILE, circuit_breaker: { ...breakers, new: tripped } })), [])
    const kept = { ...breakers.npm, ...tripped }
    assert.deepEqual(HandEdit.loosenings(BEFORE, read({ ...FILE, circuit_breaker: { ...breakers, npm: kept } })), [])
  })

  it("[HE3] opening a breaker while a run probes is looser exactly when others may probe before that run is done", () => {
    const at = (opens_at: string) => {
      const { circuit_breaker: breakers } = FILE
      const edited = {
        ...FILE,
        circuit_breaker: { ...breakers, "crates.io": { ...breakers["crates.io"], opens_at, state: "open" } }
      }
      return HandEdit.loosenings(BEFORE, read(edited)).map(({ path }) => path)
    }
    const end = breakerOf(BEFORE, "crates.io").probe?.expiresAt ?? 0
    assert.deepEqual(at(format(end - 1)), [`${CRATES}.opens_at`])
    assert.deepEqual(at(format(end)), [])
  })

  const opened = worldWith(({ ecosystems, now }) =>
    fc.tuple(fc.constantFrom(...ecosystems), ControlArbitrary.pause(now))
  )
  it("[HE3] a pause more, a trip, and minutes more are never looser, and taking them back always is", () => {
    fc.assert(
      fc.property(opened, fc.integer({ max: 50, min: 1 }), ([{ control, now }, [name, pause]], minutes) => {
        const { file } = control
        const endless = { ...pause, autoResume: false }
        const { opensAt, probe, state } = breakerOf(file, name)
        const trip = {
          ...breakerOf(file, name),
          opensAt: Math.max(now + HOUR, (opensAt ?? 0) + 1, probe?.expiresAt ?? 0),
          state: "open" as const
        }
        const { budget } = file
        const spent = {
          ...file,
          budget: { ...budget, used: { ...budget.used, macos: (budget.used.macos ?? 0) + minutes } }
        }
        const { [name]: _gone, ...pauses } = file.pauses
        const before = withPauses(file, pauses)
        for (const [loose, strict] of [
          [before, withPauses(before, Pause.add(pauses, name, endless))],
          [file, withBreaker(file, name, trip)],
          [file, spent]
        ] as const) {
          assert.deepEqual(HandEdit.loosenings(loose, strict), [])
          assert.notDeepEqual(HandEdit.loosenings(strict, loose), [])
        }
        assert.ok(state.length > 0)
      })
    )
  })

  it("[HE3] an edit of several fields that is not looser lets nothing run that was held", () => {
    const pairs = world.chain((made) =>
      ControlArbitrary.controlFile(made.ecosystems, made.now).map((other) => ({ ...made, other }))
    )
    const mixed = fc.tuple(pairs, fc.infiniteStream(fc.boolean()))
    fc.assert(
      fc.property(mixed, ([{ control, ecosystems, now, other, policy }, chances]) => {
        const take = <A>(mine: A, theirs: A): A => (chances.next().value === true ? theirs : mine)
        let after: ControlFile = {
          ...control.file,
          budget: { ...control.file.budget, used: take(control.file.budget.used, other.budget.used) }
        }
        for (const name of ecosystems) {
          const [mine, theirs] = [breakerOf(control.file, name), breakerOf(other, name)]
          const fields = Object.keys(mine).map((key) => [key, take(mine, theirs)[key as keyof typeof mine]])
          after = withBreaker(after, name, Object.fromEntries(fields) as typeof mine)
        }
        after = withPauses(after, take(control.file.pauses, other.pauses))
        if (HandEdit.loosenings(control.file, after).length > 0) return
        for (const name of ecosystems) {
          const was = decide(policy, control, ask(name), now)
          const is = decide(policy, { ...control, file: after }, ask(name), now)
          assert.ok(
            was.decision !== "hold" || is.decision === "hold",
            `${JSON.stringify(was)} became ${JSON.stringify(is)}`
          )
        }
      }),
      { numRuns: 300 }
    )
  })
})
