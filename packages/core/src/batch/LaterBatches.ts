/** Which batches built on another one: they changed what it had left behind, or what such a batch left behind. */
import * as Manifest from "./Manifest.ts"
import type { TreeEntry } from "./TreeEntry.ts"

/** A batch that built on the one in question, and where. */
export interface LaterBatch {
  readonly id: string
  readonly paths: ReadonlyArray<string>
}

const key = (path: string, entry: TreeEntry): string => `${entry.mode} ${entry.blob} ${path}`

/** The batches whose changes begin where `batch` ended, path by path, and those that begin where they ended. */
export const builtOn = (
  batch: Manifest.Manifest,
  others: ReadonlyArray<Manifest.Manifest>
): ReadonlyArray<LaterBatch> => {
  const reached = new Set(
    Manifest.changesOf(batch).flatMap(({ after, path }) => (after === undefined ? [] : [key(path, after)]))
  )
  const found = new Map<string, Set<string>>()
  const changes = others
    .filter(({ id }) => id !== batch.id)
    .flatMap((other) => Manifest.changesOf(other).map((change) => ({ ...change, id: other.id })))
  for (let grown = true; grown; ) {
    grown = false
    for (const { after, before, id, path } of changes) {
      if (before === undefined || !reached.has(key(path, before)) || found.get(id)?.has(path)) continue
      found.set(id, (found.get(id) ?? new Set()).add(path))
      if (after !== undefined) reached.add(key(path, after))
      grown = true
    }
  }
  return others.flatMap(({ id }) => {
    const paths = found.get(id)
    return paths === undefined ? [] : [{ id, paths: [...paths].sort() }]
  })
}

/** Commit -> the batch that it brought, of all that are known. */
export const batchesByCommit = (manifests: ReadonlyArray<Manifest.Manifest>): ReadonlyMap<string, string> =>
  new Map(
    manifests.flatMap((manifest) =>
      [Manifest.landedIn(manifest), ...manifest.merged_again].flatMap((commit) =>
        commit === undefined ? [] : [[commit, manifest.id] as const]
      )
    )
  )
