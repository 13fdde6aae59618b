/**
 * The control branch through GitHub's API, for repositories that want every commit on it signed: GitHub signs what
 * `createCommitOnBranch` makes. Its `expectedHeadOid` is the compare-and-swap. What the API cannot do: it chooses author
 * and time, it writes ordinary files only, it moves one branch at a time, and the end of a message is its own.
 *
 * Reading asks for `contents: read`, committing for `contents: write`.
 */
import {
  type Change,
  CONTROL_PATH,
  ControlMissing,
  ControlStore,
  type Snapshot,
  StoreCorrupt,
  StoreRefused,
  type Wanted
} from "@batchbrake/core/port/ControlStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type GitHubRepository, nameOf } from "./GitHubRepository.ts"
import { type Client, makeClient } from "./internal/Client.ts"
import { inStore, orConflict } from "./internal/controlFailure.ts"
import { blobIdOf, isWanted, READ, readTexts, readTree } from "./internal/controlObjects.ts"
import {
  COMMIT,
  Committed,
  HEAD,
  Head,
  type HeadCommit,
  HISTORY,
  History,
  type Past
} from "./internal/controlQueries.ts"
import { writing } from "./internal/Operation.ts"

export interface GitHubControlBranch extends GitHubRepository {
  /** The control branch, without `refs/heads/`. */
  readonly branch: string
}

/** The repository's side of every operation. */
interface Place {
  readonly at: GitHubControlBranch
  readonly client: Client
  readonly store: string
  readonly variables: { readonly owner: string; readonly name: string }
}

const WRITE = writing("commit to the control branch", "contents: write")
const MOST_COMMITS = 50_000

const Made = Schema.Struct({ sha: Schema.String })

const headOf = ({ at, client, variables }: Place, operation = READ) =>
  Effect.map(
    client.query(operation, HEAD, { ...variables, ref: `refs/heads/${at.branch}` }, Head),
    ({ repository }): HeadCommit | undefined => repository.ref?.target
  )

/** One state, all of it by the IDs that the head names: what is written meanwhile does not show. */
const snapshotOf = Effect.fn("GitHub.snapshot")(function* (place: Place, wanted: Wanted) {
  const { client, variables } = place
  const head = yield* headOf(place)
  if (head === undefined) return undefined
  const tree = yield* readTree(client, head.tree.oid)
  const paths = [...tree].filter(([path]) => isWanted(wanted)(path))
  const blobs = paths.map(([, blob]) => blob)
  const texts = yield* readTexts(client, variables, blobs)
  const files = new Map(paths.map(([path, blob]) => [path, texts.get(blob) ?? ""]))
  const snapshot: Snapshot = {
    controlDigest: tree.get(CONTROL_PATH),
    files,
    message: head.message,
    version: head.oid
  }
  return snapshot
})

const readAll = (place: Place): ControlStore["Service"]["read"] =>
  Effect.fn("GitHubControlStore.read")(function* (wanted) {
    const { client, store } = place
    const snapshot = yield* inStore(store)(client.bounded(READ, snapshotOf(place, wanted)))
    return snapshot ?? (yield* new ControlMissing({ store }))
  })

const pageOf = Effect.fn("GitHub.history")(function* (place: Place, from: string, after: string | undefined) {
  const { client, store, variables } = place
  const asked = client.query(READ, HISTORY, { ...variables, after: after ?? null, from }, History)
  const { repository } = yield* inStore(store)(client.bounded(READ, asked))
  if (repository.object !== null) return repository.object.history
  return yield* new StoreCorrupt({ detail: `there is no commit ${from}`, remedy: "read the branch again", store })
})

const digestIn = ({ file }: Past): string | undefined => (file?.type === "blob" ? file.oid : undefined)

const walkBack = (place: Place): ControlStore["Service"]["findBack"] =>
  Effect.fn("GitHubControlStore.findBack")(function* (from, accepts) {
    const { client, store, variables } = place
    const known = new Map<string, Past>()
    let next: string | undefined = from
    let after: string | undefined
    let isOver = false
    for (let count = 0; next !== undefined && count < MOST_COMMITS; count++) {
      while (!known.has(next) && !isOver) {
        const { nodes, pageInfo } = yield* pageOf(place, from, after)
        for (const commit of nodes) known.set(commit.oid, commit)
        isOver = !pageInfo.hasNextPage
        after = pageInfo.endCursor ?? undefined
      }
      const commit = known.get(next)
      if (commit === undefined) return Option.none()
      const [controlDigest, { message, oid }] = [digestIn(commit), commit]
      if (accepts({ controlDigest, message })) {
        const blobs = controlDigest === undefined ? [] : [controlDigest]
        const texts = yield* inStore(store)(client.bounded(READ, readTexts(client, variables, blobs)))
        const files = new Map(blobs.map((blob) => [CONTROL_PATH, texts.get(blob) ?? ""]))
        return Option.some<Snapshot>({ controlDigest, files, message, version: oid })
      }
      next = commit.parents.nodes[0]?.oid
    }
    return Option.none()
  })

/** Headline and body as GitHub puts them together again; `undefined` for a message that it would change. */
const messageOf = (message: string): { readonly headline: string; readonly body?: string } | undefined => {
  const [headline = "", ...rest] = message.trimEnd().split("\n")
  if (headline.trim() === "" || (rest.length > 0 && (rest[0] !== "" || rest[1] === ""))) return undefined
  return rest.length === 0 ? { headline } : { body: rest.slice(1).join("\n"), headline }
}

/** The message of a change, with the digest that the control file then has. */
const worded = ({ files, message }: Change): string => message(blobIdOf(files.get(CONTROL_PATH) ?? ""))

const written = ({ files }: Change): ReadonlyArray<readonly [string, string]> =>
  [...files].flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const]))

/** The branch begins with a commit that has no parent, which only the plain objects can make. */
const begin = Effect.fn("GitHubControlStore.begin")(function* (place: Place, change: Change) {
  const { at, client } = place
  const make = (route: string, parameters: Readonly<Record<string, unknown>>) =>
    client.send(WRITE, { answer: Made, isRepeatable: true, parameters, route })
  const entries = written(change).map(([path, content]) => ({ content, mode: "100644", path, type: "blob" }))
  const tree = yield* make("POST /repos/{owner}/{repo}/git/trees", { tree: entries })
  const parameters = { message: worded(change), parents: [], tree: tree.sha }
  const { sha } = yield* make("POST /repos/{owner}/{repo}/git/commits", parameters)
  yield* client.send(WRITE, {
    answer: Schema.Struct({ ref: Schema.String }),
    isRepeatable: false,
    parameters: { ref: `refs/heads/${at.branch}`, sha },
    route: "POST /repos/{owner}/{repo}/git/refs"
  })
  return sha
})

/** GitHub refuses to delete what is not there; for the store that is done already. */
const deletionsOf = Effect.fn("GitHub.deletions")(function* (client: Client, expected: string, { files }: Change) {
  const gone = [...files].flatMap(([path, text]) => (text === undefined ? [path] : []))
  if (gone.length === 0) return []
  const there = yield* readTree(client, expected)
  return gone.filter((path) => there.has(path)).map((path) => ({ path }))
})

const extend = Effect.fn("GitHubControlStore.extend")(function* (
  { at, client }: Place,
  expected: string,
  change: Change,
  message: NonNullable<ReturnType<typeof messageOf>>
) {
  const { branch: branchName, owner, repository } = at
  const additions = written(change).map(([path, text]) => ({ contents: Buffer.from(text).toString("base64"), path }))
  const input = {
    branch: { branchName, repositoryNameWithOwner: `${owner}/${repository}` },
    expectedHeadOid: expected,
    fileChanges: { additions, deletions: yield* deletionsOf(client, expected, change) },
    message
  }
  const { createCommitOnBranch } = yield* client.query(WRITE, COMMIT, { input }, Committed)
  return createCommitOnBranch.commit.oid
})

const commitTo = (place: Place): ControlStore["Service"]["commit"] =>
  Effect.fn("GitHubControlStore.commit")(function* (expected, change) {
    const { client, store } = place
    const head = Effect.map(headOf(place), (commit) => commit?.oid)
    if (expected === undefined) {
      const isThere = Effect.map(head, (oid) => oid !== undefined)
      return yield* orConflict(store, expected, isThere)(client.bounded(WRITE, begin(place, change)))
    }
    const message = messageOf(worded(change))
    if (message === undefined) {
      const [detail, remedy] = ["its message is not a headline, an empty line and a body", "word it so"]
      return yield* new StoreRefused({ detail, remedy, store })
    }
    const isElsewhere = Effect.map(head, (oid) => oid !== expected)
    const extended = client.bounded(WRITE, extend(place, expected, change, message))
    return yield* orConflict(store, expected, isElsewhere)(extended)
  })

/** The control branch of one repository. */
export const layer = (at: GitHubControlBranch): Layer.Layer<ControlStore> =>
  Layer.sync(ControlStore, () => {
    const store = `${at.branch} of ${nameOf(at)}`
    const place = { at, client: makeClient(at), store, variables: { name: at.repository, owner: at.owner } }
    return { commit: commitTo(place), findBack: walkBack(place), name: store, read: readAll(place) }
  })
