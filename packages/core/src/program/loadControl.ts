import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Control } from "../control/Control.ts"
import * as ControlCodec from "../control/ControlCodec.ts"
import type { ControlFile } from "../control/ControlFile.ts"
import * as ControlLog from "../control/ControlLog.ts"
import * as HandEdit from "../control/HandEdit.ts"
import * as Identity from "../control/Identity.ts"
import { CONTROL_PATH, ControlStore, type Snapshot } from "../port/ControlStore.ts"
import { ControlUnreadable } from "./Failure.ts"

/** What somebody did to the control file since the last event, if anything. */
export interface Edit {
  /** Empty: only stricter, or neutral; honoured. */
  readonly loosenings: ReadonlyArray<HandEdit.Loosening>
  /** Somebody took it back: the file is what the last event wrote, in a commit of theirs. */
  readonly isTakenBack: boolean
}

/** The newest state, decoded and checked. */
export interface Loaded {
  readonly snapshot: Snapshot
  readonly control: Control
  /** `undefined`: the file is as the last event wrote it. */
  readonly edit: Edit | undefined
}

/** Where the normal form of a policy stands on the control branch. */
export const policyPath = (hash: string): string => `policies/${hash}.json`

const decode = (store: string, snapshot: Snapshot): Effect.Effect<ControlFile, ControlUnreadable> => {
  const text = snapshot.files.get(CONTROL_PATH)
  const decoded: ReturnType<typeof ControlCodec.decode> =
    text === undefined
      ? Result.fail([{ expected: "the control file", found: "nothing", path: "" }])
      : ControlCodec.decode(text)
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : Effect.fail(new ControlUnreadable({ faults: decoded.failure, file: CONTROL_PATH, store }))
}

const isExplained = (commit: { readonly message: string; readonly controlDigest: string | undefined }): boolean =>
  commit.controlDigest !== undefined && ControlLog.controlOf(commit.message) === commit.controlDigest

/** Compares with what the last event wrote. A branch without any event is loose as a whole. */
const judge = Effect.fn("judge")(function* (snapshot: Snapshot, file: ControlFile) {
  const store = yield* ControlStore
  const last = yield* store.findBack(snapshot.version, isExplained)
  if (Option.isNone(last)) {
    return { isTakenBack: false, loosenings: [{ ecosystem: undefined, path: "the whole file" }] }
  }
  const before = yield* decode(store.name, last.value)
  const isTakenBack = last.value.controlDigest === snapshot.controlDigest
  return { isTakenBack, loosenings: HandEdit.loosenings(before, file) }
})

/** Reads the control branch with the ledgers of some scopes, and finds out whether an event explains what stands there. */
export const loadControl = Effect.fn("loadControl")(function* (
  scopes: ReadonlyArray<string>,
  files: ReadonlyArray<string>,
  trees: ReadonlyArray<string> = []
) {
  const store = yield* ControlStore
  const snapshot = yield* store.read({ directories: scopes.map(Identity.directoryOf), files, trees })
  const file = yield* decode(store.name, snapshot)
  const ledger = Identity.read(snapshot.files, scopes)
  if (Result.isFailure(ledger)) {
    const { line, path } = ledger.failure
    const fault = { expected: "[identity, instant, payload, nonce]", found: "something else", path: `line ${line}` }
    return yield* new ControlUnreadable({ faults: [fault], file: path, store: store.name })
  }
  const edit = isExplained(snapshot) ? undefined : yield* judge(snapshot, file)
  const loaded: Loaded = { control: { file, ledger: ledger.success }, edit, snapshot }
  return loaded
})
