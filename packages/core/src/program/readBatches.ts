/** Batches as the control branch has them. Reads no control file: what is wrong with that one hides no batch. */
import * as Effect from "effect/Effect"
import * as Aliases from "../batch/Aliases.ts"
import * as Archive from "../batch/Archive.ts"
import * as BatchId from "../batch/BatchId.ts"
import * as Manifest from "../batch/Manifest.ts"
import { refusal } from "../batch/Refusal.ts"
import { ControlStore } from "../port/ControlStore.ts"
import { orRefuse, refused } from "./refuse.ts"

const readAll = Effect.fn("readAllBatches")(function* () {
  const store = yield* ControlStore
  const { files } = yield* store.read({ directories: [], files: [], trees: [Manifest.ROOT] })
  return files
})

/** Every batch, oldest first, and the manifests that are refused, each with why. */
export const listBatches = Effect.fn("listBatches")(function* () {
  return Archive.all(yield* readAll())
})

/** The batches whose manifests name one of these paths, oldest first; those that are refused are left out. */
export const batchesNaming = Effect.fn("batchesNaming")(function* (paths: ReadonlySet<string>) {
  return Archive.naming(yield* readAll(), paths)
})

const offer = (name: string, known: ReadonlyArray<string>): string => {
  const near = BatchId.nearest(name, known)
  return near.length === 0 ? "there is no batch yet" : `nearest: ${near.join(", ")}`
}

/** The refusal of a name that no batch has, with those that come nearest. */
const unknown = Effect.fn("unknownBatch")(function* (name: string) {
  const files = yield* readAll()
  const aliases = yield* orRefuse(Archive.aliasesOf(files))
  const known = offer(name, [...Archive.idsIn(files), ...aliases.keys()])
  return refused(
    BatchId.isBatchId(name)
      ? refusal("unknown-batch", `there is no batch ${name}; ${known}`)
      : refusal("malformed-id", `${JSON.stringify(name)} is no batch ID (YYYY-MM-DD-NNN) and no alias of one; ${known}`)
  )
})

/** The ID that a name stands for. An ID is itself; an alias is the one batch that has it, exactly. */
const resolve = Effect.fn("resolveBatch")(function* (name: string) {
  const store = yield* ControlStore
  const { files } = yield* store.read({ directories: [], files: [Aliases.PATH] })
  const ids = (yield* orRefuse(Archive.aliasesOf(files))).get(name) ?? []
  const [id = name] = ids
  if (ids.length > 1) {
    return yield* refused(
      refusal(
        "ambiguous-alias",
        `${name} was the name of ${ids.length} batches: ${ids.join(", ")}; say which by its ID`
      )
    )
  }
  if (BatchId.isBatchId(id)) return id
  return yield* yield* unknown(name)
})

/**
 * The batch of an ID or alias. Fails for a name that no batch has (with the nearest), that several have (with all of
 * them), or whose manifest is not as an event left it.
 */
export const findBatch = Effect.fn("findBatch")(function* (name: string) {
  const store = yield* ControlStore
  const id = yield* resolve(name)
  const { files } = yield* store.read({ directories: [], files: Archive.filesOf(id) })
  if (!files.has(Manifest.pathOf(id)) && !Archive.isAllocated(files, id)) return yield* yield* unknown(name)
  const manifest = yield* orRefuse(Archive.manifestIn(files, id))
  if (name !== id && !manifest.aliases.includes(name)) {
    return yield* refused(
      refusal("edited-by-hand", `${Aliases.PATH} says that ${name} is ${id}, and the manifest of ${id} does not`)
    )
  }
  return manifest
})
