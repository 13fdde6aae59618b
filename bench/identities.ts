/** What remembering every event's identity costs on a branch that is ten years old, beside a young one. */
import { spawnSync } from "node:child_process"
import * as Control from "@batchbrake/core/control/Control"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import * as Identity from "@batchbrake/core/control/Identity"
import { CONTROL_PATH } from "@batchbrake/core/port/ControlStore"
import { policyPath } from "@batchbrake/core/program/loadControl"
import { interleaved, median, type Outcome, timed } from "./Figure.ts"
import { git, inScratch, makeRemote } from "./Ground.ts"
import { ECOSYSTEMS, open, policy } from "./Programs.ts"

const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEARS = 10
const END = Date.UTC(2026, 0, 5)
/** Days of which every identity is written by the real code: past the horizon, so that it prunes. */
const WRITTEN_DAYS = 50
const ROUNDS = 7

const eventsOf = (ecosystem: string, at: number): ReadonlyArray<ControlEvent> => {
  const run = { at, author: "bench", ecosystem, runKey: `1234567890-1-${ecosystem}-${at / HOUR}` }
  const attempts = { failed: 1, passed: 24, skipped: 0 }
  return [
    { ...run, _tag: "RunAdmitted" },
    { ...run, _tag: "RunCompleted", attempts, minutes: { linux: 25, macos: 3 } }
  ]
}

/** One scope's shards after so many days of hourly runs. */
const shardsOf = (ecosystem: string): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  for (let day = END - WRITTEN_DAYS * DAY; day < END; day += DAY) {
    const added = Array.from({ length: 24 }, (_, hour) => eventsOf(ecosystem, day + hour * HOUR)).flat()
    const identities = added.map((event, index) => Identity.of(event, `${day + index}-nonce-of-24-characters`, 1))
    const ledger = identities.reduce(Identity.add, Identity.empty)
    for (const [path, text] of Identity.changes(files, ledger, identities)) {
      if (text === undefined) files.delete(path)
      else files.set(path, text)
    }
  }
  return files
}

const datum = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`

/** Ten years of hourly commits, the last one with everything that ten years leave behind, for `git fast-import`. */
const history = (files: ReadonlyMap<string, string>, message: string): string => {
  const lines: Array<string> = []
  const commit = (at: number, text: string): void => {
    lines.push(`commit refs/heads/${policy.controlBranch}\ncommitter bench <bench@example.test> ${at / 1000} +0000\n`)
    lines.push(datum(text))
  }
  for (let at = END - YEARS * 365.25 * DAY; at < END; at += HOUR) {
    commit(at, `hour of ${at}`)
    lines.push(`M 100644 inline ${CONTROL_PATH}\n${datum(`{"hour":${at}}`)}`)
  }
  commit(END, message)
  for (const [path, text] of files) lines.push(`M 100644 inline ${path}\n${datum(text)}`)
  return lines.join("")
}

const plant = (bare: string, clone: string): ReadonlyMap<string, string> => {
  const control = ControlCodec.encode(Control.initial.file)
  const files = new Map([
    [CONTROL_PATH, control],
    [policyPath(policy.hash), `${JSON.stringify(policy.normal, null, 2)}\n`],
    ...ECOSYSTEMS.flatMap((ecosystem) => [...shardsOf(ecosystem)])
  ])
  const digest = spawnSync("git", ["hash-object", "--stdin"], {
    cwd: clone,
    encoding: "utf8",
    input: control
  }).stdout.trim()
  const events: ReadonlyArray<ControlEvent> = [{ _tag: "Initialised", at: END - HOUR, author: "bench", id: "planted" }]
  const message = ControlLog.render("planted", { control: digest, events, nonce: "planted", policy: policy.hash })
  const imported = spawnSync("git", ["fast-import", "--quiet"], {
    cwd: bare,
    encoding: "utf8",
    input: history(files, message)
  })
  if (imported.status !== 0) throw new Error(imported.stderr)
  return files
}

export const benchIdentities = (): Promise<Outcome> =>
  inScratch(async (root) => {
    const [old, young] = [makeRemote(root, "old"), makeRemote(root, "young")]
    const files = plant(old.bare, old.clone)
    const [oldStore, youngStore] = [open(old.clone, "remote"), open(young.clone, "remote")]
    await youngStore.init(END)
    let count = 0
    const once = (store: typeof oldStore) => (): Promise<number> => {
      const place = count++
      return timed(() => store.admitAndRecord("npm", `run-${place}`, END + place * 1000)).then((ms) => ms / 2)
    }
    const taken = await interleaved(ROUNDS, { old: once(oldStore), young: once(youngStore) })
    await Promise.all([oldStore.close(), youngStore.close()])
    const shards = [...files].filter(([path]) => path.startsWith("identities/"))
    const bytes = shards.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0)
    const commits = Number(git(old.bare, "rev-list", "--count", policy.controlBranch))
    const [slow, quick] = [median(taken.old), median(taken.young)]
    const figure = (what: string, value: number, unit: string, note: string) => ({
      bench: "identities",
      note,
      unit,
      value,
      what
    })
    return {
      claims: [
        {
          bench: "identities",
          met: shards.length <= 37 * ECOSYSTEMS.length,
          text: "at most 37 days of identities an ecosystem are kept"
        },
        {
          bench: "identities",
          met: slow <= 2 * quick,
          text: "a commit on a branch ten years old within twice one on a young branch"
        }
      ],
      figures: [
        figure(
          "one commit, ten years old",
          slow,
          "ms",
          `${commits} commits of history; hourly runs of ${ECOSYSTEMS.length} ecosystems`
        ),
        figure("one commit, young", quick, "ms", "the same run on a branch that was just created"),
        figure("identity files kept", shards.length, "files", "in the tree, all ecosystems; one a day and ecosystem"),
        figure(
          "identities kept",
          bytes / 1024,
          "KiB",
          `in the tree, uncompressed; ${(bytes / shards.length / 1024).toFixed(1)} KiB a file`
        )
      ]
    }
  })
