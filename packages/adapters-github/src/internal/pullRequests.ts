/** Pull requests. Each operation names the least permission that GitHub asks for it. */
import type { Forge, PullRequest, PullRequestDraft } from "@batchbrake/core/port/Forge"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Client } from "./Client.ts"
import type { ForgeFailure } from "./classify.ts"
import { listWhole } from "./listWhole.ts"
import { lookFor, reading, writing } from "./Operation.ts"

type Service = Forge["Service"]

const Side = Schema.Struct({
  ref: Schema.String,
  repo: Schema.NullOr(Schema.Struct({ full_name: Schema.String })),
  sha: Schema.String
})

const Pull = Schema.Struct({
  auto_merge: Schema.optionalKey(Schema.NullOr(Schema.Unknown)),
  base: Side,
  body: Schema.NullOr(Schema.String),
  head: Side,
  html_url: Schema.String,
  labels: Schema.Array(Schema.Struct({ name: Schema.String })),
  merge_commit_sha: Schema.NullOr(Schema.String),
  merged_at: Schema.NullOr(Schema.String),
  node_id: Schema.String,
  number: Schema.Int,
  state: Schema.Literals(["open", "closed"]),
  title: Schema.String
})
type Pull = typeof Pull.Type

const Landed = Schema.Struct({ merged: Schema.Boolean, sha: Schema.String })

const fromPull = (pull: Pull): PullRequest => {
  const isMerged = pull.merged_at !== null
  return {
    address: pull.html_url,
    base: pull.base.ref,
    body: pull.body ?? "",
    head: { branch: pull.head.ref, commit: pull.head.sha },
    // A repository that is gone, and with it the branch, is none of ours.
    isForeign: pull.head.repo === null || pull.head.repo.full_name !== pull.base.repo?.full_name,
    labels: pull.labels.map(({ name }) => name),
    landedIn: isMerged ? (pull.merge_commit_sha ?? undefined) : undefined,
    mergesItself: (pull.auto_merge ?? null) !== null,
    number: pull.number,
    state: isMerged ? "merged" : pull.state,
    title: pull.title
  }
}

const LIST = reading("list pull requests", "pull_requests: read")
const OPEN_PULLS = {
  answer: Schema.Array(Pull),
  parameters: { direction: "asc", sort: "created", state: "open" },
  route: "GET /repos/{owner}/{repo}/pulls"
} as const
const READ = reading("read a pull request", "pull_requests: read")
const OPEN = writing("open a pull request", "pull_requests: write")
const UPDATE = writing("update a pull request", "pull_requests: write")
const LABEL = writing("add labels", "pull_requests: write, of an issue issues: write")
const HOLD = writing("disable auto-merge", "contents: write and pull_requests: write")
const MERGE = writing("merge a pull request", "contents: write")

/** Validated against the published schema, with its variables, in the tests. */
export const DISABLE_AUTO_MERGE = `mutation DisableAutoMerge($pullRequest: ID!) {
  disablePullRequestAutoMerge(input: { pullRequestId: $pullRequest }) {
    pullRequest { number autoMergeRequest { enabledAt } }
  }
}`

const Disabled = Schema.Struct({
  disablePullRequestAutoMerge: Schema.Struct({
    pullRequest: Schema.Struct({ autoMergeRequest: Schema.Null, number: Schema.Int })
  })
})

const isReason = (failure: ForgeFailure, reason: string): boolean =>
  failure._tag === "ForgeRefused" && failure.reason === reason

/** What is not there is none, not a failure. */
const orNone = <A>(effect: Effect.Effect<A, ForgeFailure>): Effect.Effect<Option.Option<A>, ForgeFailure> =>
  effect.pipe(
    Effect.map(Option.some),
    Effect.catch((failure) => (isReason(failure, "missing") ? Effect.succeed(Option.none()) : Effect.fail(failure)))
  )

/** `pull_requests: read` */
const readPull = (client: Client, number: number, operation = READ) =>
  client.send(operation, {
    answer: Pull,
    isRepeatable: true,
    parameters: { pull_number: number },
    route: "GET /repos/{owner}/{repo}/pulls/{pull_number}"
  })

/** `pull_requests: read`. `head` is filtered by GitHub; that it is this repository's and this name is seen to here. */
const pullsOfBranch = (client: Client, owner: string, branch: string, operation = LIST) =>
  Effect.map(
    client.pages(operation, {
      answer: Schema.Array(Pull),
      parameters: { direction: "desc", head: `${owner}:${branch}`, sort: "created", state: "all" },
      route: "GET /repos/{owner}/{repo}/pulls"
    }),
    (pulls) =>
      pulls
        .map(fromPull)
        .filter(({ head, isForeign }) => head.branch === branch && !isForeign)
        .sort((one, other) => other.number - one.number)
  )

/** `pull_requests: write`, also for an issue's labels `issues: write`. Labels that do not exist yet are made. */
const addLabels = (client: Client, number: number, labels: ReadonlyArray<string>) =>
  labels.length === 0
    ? Effect.void
    : Effect.asVoid(
        client.send(LABEL, {
          answer: Schema.Array(Schema.Struct({ name: Schema.String })),
          isRepeatable: true,
          parameters: { issue_number: number, labels },
          route: "POST /repos/{owner}/{repo}/issues/{issue_number}/labels"
        })
      )

const isAskedBy =
  ({ base, head }: PullRequestDraft) =>
  (one: PullRequest): boolean =>
    one.state === "open" && one.base === base && one.head.branch === head

/** The open one, or a new one. One who was faster is found on the second look. */
const foundOrMade = Effect.fn("OctokitForge.foundOrMade")(function* (
  client: Client,
  owner: string,
  draft: PullRequestDraft
) {
  const { base, body, head, title } = draft
  const look = Effect.map(pullsOfBranch(client, owner, head, lookFor(OPEN)), (all) => all.find(isAskedBy(draft)))
  const known = yield* look
  if (known !== undefined) return { created: false, pullRequest: known }
  return yield* client
    .send(OPEN, {
      answer: Pull,
      isRepeatable: false,
      parameters: { base, body, head, title },
      route: "POST /repos/{owner}/{repo}/pulls"
    })
    .pipe(
      Effect.map((pull) => ({ created: true, pullRequest: fromPull(pull) })),
      Effect.catch((failure) =>
        Effect.gen(function* () {
          const other = isReason(failure, "invalid") ? yield* look : undefined
          return other === undefined ? yield* failure : { created: false, pullRequest: other }
        })
      )
    )
})

/** `pull_requests: write`. Labels come after, so that an opening that broke off there is made whole by the next. */
const openPull = Effect.fn("OctokitForge.openPullRequest")(function* (
  client: Client,
  owner: string,
  draft: PullRequestDraft
) {
  const { created, pullRequest } = yield* foundOrMade(client, owner, draft)
  const labels = draft.labels.filter((label) => !pullRequest.labels.includes(label))
  yield* addLabels(client, pullRequest.number, labels)
  return { created, pullRequest: { ...pullRequest, labels: [...new Set([...pullRequest.labels, ...labels])] } }
})

/** `contents: write` and `pull_requests: write`: it is a mutation, and GitHub asks for what it takes to merge. */
const disableAutoMerge = Effect.fn("OctokitForge.disableAutoMerge")(function* (client: Client, number: number) {
  const pull = yield* readPull(client, number, lookFor(HOLD))
  if (!fromPull(pull).mergesItself) return false
  yield* client.query(HOLD, DISABLE_AUTO_MERGE, { pullRequest: pull.node_id }, Disabled).pipe(
    Effect.catch((failure) =>
      Effect.gen(function* () {
        // Somebody else may have been faster: then there is nothing left to disable.
        const now = isReason(failure, "invalid") ? fromPull(yield* readPull(client, number, lookFor(HOLD))) : undefined
        if (now?.mergesItself !== false) return yield* failure
      })
    )
  )
  return true
})

/** `contents: write`. GitHub holds the head against the branch: 409 when it has moved. */
const mergePull = (client: Client, ...[number, { head, method }]: Parameters<Service["mergePullRequest"]>) =>
  Effect.map(
    client.send(MERGE, {
      answer: Landed,
      isRepeatable: false,
      parameters: { merge_method: method, pull_number: number, sha: head },
      route: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"
    }),
    ({ sha }) => sha
  )

/** The part of the forge that is about pull requests, in the repository of an owner. */
export const pullRequestsOn = (
  client: Client,
  owner: string
): Pick<
  Service,
  | "addLabels"
  | "disableAutoMerge"
  | "mergePullRequest"
  | "openPullRequest"
  | "openPullRequests"
  | "pullRequest"
  | "pullRequestsOf"
  | "updatePullRequest"
> => ({
  addLabels: (number, labels) => client.bounded(LABEL, addLabels(client, number, labels)),
  disableAutoMerge: (number) => client.bounded(HOLD, disableAutoMerge(client, number)),
  mergePullRequest: (number, merging) => client.bounded(MERGE, mergePull(client, number, merging)),
  openPullRequest: (draft) => client.bounded(OPEN, openPull(client, owner, draft)),
  openPullRequests: (label) =>
    client.bounded(
      LIST,
      Effect.map(listWhole(client.pages(LIST, OPEN_PULLS)), (pulls) =>
        pulls
          .map(fromPull)
          .filter(({ labels }) => label === undefined || labels.includes(label))
          .sort((one, other) => one.number - other.number)
      )
    ),
  pullRequest: (number) => client.bounded(READ, Effect.map(orNone(readPull(client, number)), Option.map(fromPull))),
  pullRequestsOf: (branch) => client.bounded(LIST, pullsOfBranch(client, owner, branch)),
  updatePullRequest: (number, change) =>
    client.bounded(
      UPDATE,
      Effect.map(
        client.send(UPDATE, {
          answer: Pull,
          isRepeatable: true,
          parameters: { ...change, pull_number: number },
          route: "PATCH /repos/{owner}/{repo}/pulls/{pull_number}"
        }),
        fromPull
      )
    )
})
