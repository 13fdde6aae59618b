/** A control branch in memory for tests of programs: begun, edited by a person, read back as a log. */
import * as Control from "@batchbrake/core/control/Control"
import * as ControlCodec from "@batchbrake/core/control/ControlCodec"
import type { ControlEvent } from "@batchbrake/core/control/ControlEvent"
import { identityOf } from "@batchbrake/core/control/ControlEvent"
import * as ControlLog from "@batchbrake/core/control/ControlLog"
import { reduce } from "@batchbrake/core/control/Reducer"
import type { JsonObject } from "@batchbrake/core/json/Json"
import * as Policy from "@batchbrake/core/policy/Policy"
import { CONTROL_PATH, type Snapshot } from "@batchbrake/core/port/ControlStore"
import { initControl } from "@batchbrake/core/program/initControl"
import { policyPath } from "@batchbrake/core/program/loadControl"
import * as InstantArbitrary from "@batchbrake/core/testing/InstantArbitrary"
import * as MemoryControlStore from "@batchbrake/core/testing/MemoryControlStore"
import * as PolicyArbitrary from "@batchbrake/core/testing/PolicyArbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { answerOf } from "./simulate.ts"

export const POLICY = PolicyArbitrary.decoded(Policy.starter(["cask", "crates.io", "npm"]))
export const AT = InstantArbitrary.FIRST_EVENT

let nonces = 0
/** Who gives the orders of a test; each order has a nonce of its own. */
export const origin = (at = AT, policy = POLICY) => {
  nonces++
  return { at, author: "ops", nonce: `nonce${nonces}`, policy }
}

/** A branch that has begun, empty or with a published file. */
export const begun = async (
  published?: JsonObject,
  policy = POLICY
): Promise<MemoryControlStore.MemoryControlStore> => {
  const store = MemoryControlStore.make()
  await answerOf(initControl({ ...origin(AT, policy), published }), store.service)
  return store
}

export const headOf = (store: MemoryControlStore.MemoryControlStore): Snapshot => {
  const head = store.history().at(-1)
  if (head === undefined) throw new Error("there is no branch")
  return head
}

export const controlText = (store: MemoryControlStore.MemoryControlStore): string =>
  headOf(store).files.get(CONTROL_PATH) ?? ""

/** A person changes files of the branch with a message of their own. */
export const editFiles = (
  store: MemoryControlStore.MemoryControlStore,
  files: Readonly<Record<string, string | undefined>>,
  message = "hotfix"
): Promise<string> =>
  Effect.runPromise(
    store.service.commit(headOf(store).version, { files: new Map(Object.entries(files)), message: () => message })
  )

/** A person edits the control file. */
export const editControl = (
  store: MemoryControlStore.MemoryControlStore,
  change: (control: JsonObject) => JsonObject
): Promise<string> =>
  editFiles(store, { [CONTROL_PATH]: `${JSON.stringify(change(JSON.parse(controlText(store))), null, 2)}\n` })

const isOurs = ({ controlDigest, message }: Snapshot): boolean =>
  controlDigest !== undefined && ControlLog.controlOf(message) === controlDigest

/** What the commits of a branch say, those of people left out. */
export const entriesOf = (store: MemoryControlStore.MemoryControlStore): ReadonlyArray<ControlLog.Entry> =>
  store
    .history()
    .filter(isOurs)
    .map(({ message }) => Result.getOrThrowWith(ControlLog.parse(message), (fault) => new Error(fault)))

export const eventsOf = (store: MemoryControlStore.MemoryControlStore): ReadonlyArray<ControlEvent> =>
  entriesOf(store).flatMap(({ events }) => events)

export const tagsOf = (store: MemoryControlStore.MemoryControlStore): ReadonlyArray<string> =>
  eventsOf(store).map(({ _tag }) => _tag)

/** How often each identity stands in the log. */
export const countsOf = (store: MemoryControlStore.MemoryControlStore): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const event of eventsOf(store)) counts.set(identityOf(event), (counts.get(identityOf(event)) ?? 0) + 1)
  return counts
}

/** Folds the log under the policies that stand on the branch; throws where a commit holds another file than the fold. */
export const replay = (store: MemoryControlStore.MemoryControlStore): Control.Control => {
  let control = Control.initial
  for (const snapshot of store.history().filter(isOurs)) {
    const entry = Result.getOrThrowWith(ControlLog.parse(snapshot.message), (fault) => new Error(fault))
    const policy = Result.getOrThrow(Policy.parse(snapshot.files.get(policyPath(entry.policy)) ?? ""))
    for (const event of entry.events) {
      const reduced = reduce(policy, control, event, entry.nonce)
      control = Result.getOrThrowWith(reduced, (rejection) => new Error(JSON.stringify(rejection))).control
    }
    if (ControlCodec.encode(control.file) !== snapshot.files.get(CONTROL_PATH)) {
      throw new Error(
        `the fold differs at ${snapshot.version}:\n${ControlCodec.encode(control.file)}\n${snapshot.files.get(CONTROL_PATH)}`
      )
    }
  }
  return control
}
