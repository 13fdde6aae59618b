/** The control store's in-memory twin. It passes the same contract as the ones on git: see ControlStoreContract.ts. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Sha256 from "../hash/Sha256.ts"
import {
  CONTROL_PATH,
  ControlMissing,
  ControlStore,
  type Snapshot,
  VersionConflict,
  type Wanted
} from "../port/ControlStore.ts"

/** The store, and what a test may see of it besides. */
export interface MemoryControlStore {
  readonly service: ControlStore["Service"]
  /** Every commit with all its files, oldest first. */
  readonly history: () => ReadonlyArray<Snapshot>
}

interface Commit {
  readonly parent: Commit | undefined
  readonly snapshot: Snapshot
}

const NAME = "batch-control in memory"

const digestOf = (files: ReadonlyMap<string, string>): string | undefined => {
  const text = files.get(CONTROL_PATH)
  return text === undefined ? undefined : Sha256.hex(text)
}

const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

const only = (snapshot: Snapshot, wanted: Wanted): Snapshot => ({
  ...snapshot,
  files: new Map(
    [...snapshot.files].filter(
      ([path]) =>
        path === CONTROL_PATH ||
        wanted.files.includes(path) ||
        wanted.directories.includes(directoryOf(path)) ||
        wanted.trees?.some((tree) => path.startsWith(`${tree}/`))
    )
  )
})

const back = (head: Commit | undefined, accepts: (commit: Snapshot) => boolean): Commit | undefined => {
  let commit = head
  while (commit !== undefined && !accepts(commit.snapshot)) commit = commit.parent
  return commit
}

/** A store that starts without a branch. */
export const make = (): MemoryControlStore => {
  let head: Commit | undefined
  let count = 0
  const commit: ControlStore["Service"]["commit"] = (expected, change) =>
    Effect.suspend(() => {
      if (head?.snapshot.version !== expected) {
        return Effect.fail(new VersionConflict({ expected: expected ?? "no branch", store: NAME }))
      }
      const files = new Map(head?.snapshot.files)
      for (const [path, text] of change.files) {
        if (text === undefined) files.delete(path)
        else files.set(path, text)
      }
      const controlDigest = digestOf(files)
      const message = change.message(controlDigest ?? "")
      count++
      head = { parent: head, snapshot: { controlDigest, files, message, version: `memory-${count}` } }
      return Effect.succeed(head.snapshot.version)
    })
  return {
    history: () => {
      const snapshots: Array<Snapshot> = []
      for (let at = head; at !== undefined; at = at.parent) snapshots.unshift(at.snapshot)
      return snapshots
    },
    service: {
      commit,
      findBack: (from, accepts) =>
        Effect.sync(() => {
          const found = back(
            back(head, ({ version }) => version === from),
            accepts
          )
          return Option.map(Option.fromUndefinedOr(found), ({ snapshot }) =>
            only(snapshot, { directories: [], files: [] })
          )
        }),
      name: NAME,
      read: (wanted) =>
        Effect.suspend(() =>
          head === undefined
            ? Effect.fail(new ControlMissing({ store: NAME }))
            : Effect.succeed(only(head.snapshot, wanted))
        )
    }
  }
}

/** Lives as long as the layer. */
export const layer: Layer.Layer<ControlStore> = Layer.sync(ControlStore, () => make().service)
