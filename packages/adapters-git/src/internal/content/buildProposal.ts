/** Makes the objects of a proposal in memory: its commit, and the trees that its entries change. */
import { PathOccupied, type Proposal } from "@batchbrake/core/port/ContentRepository"
import * as Effect from "effect/Effect"
import { identityOf } from "../configuration.ts"
import { type Edit, editTree, isTreePath, partsOf } from "../editTree.ts"
import { Inherited } from "../environment.ts"
import { commitOf, EXECUTABLE_MODE, FILE_MODE, isFile, LINK_MODE, type NewObject, treeOf } from "../GitObject.ts"
import { entriesAt, type NamedCommit, type Trees } from "../readCommit.ts"
import { type ContentSource, readerOn } from "./ContentSource.ts"

export interface BuiltProposal {
  readonly id: string
  readonly tree: string
  /** The trees, and the commit last. */
  readonly objects: ReadonlyArray<NewObject>
  /** The blobs that it holds and that did not stand at the same path before. */
  readonly blobs: ReadonlyArray<string>
}

const MODES = [FILE_MODE, EXECUTABLE_MODE, LINK_MODE]

const isProper = ([path, entry]: readonly [string, { readonly mode: string } | undefined]): boolean =>
  isTreePath(path) && (entry === undefined || MODES.includes(entry.mode))

/** The edits that change something: taking away what is no file, or not there, would take away something else. */
const editsOf = Effect.fn("editsOf")(function* (
  source: ContentSource,
  trees: Trees,
  root: string,
  entries: Proposal["entries"]
) {
  const reader = yield* readerOn(source)
  const before = yield* entriesAt(reader, trees, root, [...entries.keys()])
  return [...entries].flatMap(([path, entry], index): ReadonlyArray<Edit> => {
    const old = before[index]
    if (entry === undefined) {
      return old !== undefined && isFile(old) ? [{ entry: undefined, parts: partsOf(path) }] : []
    }
    const isThere = old?.id === entry.blob && old.mode === entry.mode
    return isThere ? [] : [{ entry: { id: entry.blob, mode: entry.mode }, parts: partsOf(path) }]
  })
}, Effect.scoped)

export const buildProposal = Effect.fn("buildProposal")(function* (
  source: ContentSource,
  onto: NamedCommit,
  proposal: Proposal
) {
  const wrong = [...proposal.entries].find((pair) => !isProper(pair))
  if (wrong !== undefined) return yield* Effect.die(new Error(`${JSON.stringify(wrong)} is no entry of a tree`))
  const trees: Trees = new Map()
  const edits = yield* editsOf(source, trees, onto.tree, proposal.entries)
  const edited =
    edits.length === 0 ? { id: onto.tree, objects: [], occupied: [] } : editTree(trees, source.format, onto.tree, edits)
  if (edited.occupied.length > 0) return yield* new PathOccupied({ paths: edited.occupied, repository: source.name })
  const empty = edited.id === undefined ? [treeOf(source.format, [])] : []
  const tree = edited.id ?? treeOf(source.format, []).id
  const inherited = yield* Inherited
  const commit = commitOf(
    source.format,
    { message: proposal.message, parents: [onto.id], tree },
    identityOf("author", source.settings, inherited),
    identityOf("committer", source.settings, inherited),
    Math.floor(proposal.at / 1000)
  )
  const objects = new Map([...edited.objects, ...empty, commit].map((object) => [object.id, object]))
  const built: BuiltProposal = {
    blobs: [...new Set(edits.flatMap(({ entry }) => (entry === undefined ? [] : [entry.id])))],
    id: commit.id,
    objects: [...objects.values()],
    tree
  }
  return built
})
