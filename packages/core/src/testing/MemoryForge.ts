/** The forge's in-memory twin. It passes the same contract as the real one: see ForgeContract.ts. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Job } from "../budget/JobMinutes.ts"
import * as Sha256 from "../hash/Sha256.ts"
import {
  type Check,
  type Forge,
  ForgeRefused,
  ISSUE_KEY,
  type Issue,
  type PullRequest,
  type RunAttempt
} from "../port/Forge.ts"

const NAME = "owner/repository in memory"

/** The forge, and what a test may do and see beside it. */
export interface MemoryForge {
  readonly service: Forge["Service"]
  /** One more commit on a branch, made up unless it is named; answers it. */
  readonly push: (branch: string, commit?: string) => string
  /** What people do at a pull request: close it, or let it land by itself. */
  readonly change: (number: number, change: Partial<Pick<PullRequest, "state" | "mergesItself" | "isForeign">>) => void
  /** What the jobs of an attempt of a run were. */
  readonly ran: (attempt: RunAttempt, jobs: ReadonlyArray<Job>) => void
  readonly pullRequests: () => ReadonlyArray<PullRequest>
  readonly issues: () => ReadonlyArray<Issue>
  readonly checks: () => ReadonlyArray<Check>
}

interface State {
  readonly branches: Map<string, string>
  readonly pullRequests: Map<number, PullRequest>
  readonly issues: Map<number, Issue>
  readonly checks: Map<string, Check>
  readonly jobs: Map<string, ReadonlyArray<Job>>
  numbers: number
  commits: number
}

const refused = (
  operation: string,
  permission: string,
  reason: ForgeRefused["reason"],
  detail: string
): Effect.Effect<never, ForgeRefused> =>
  Effect.fail(new ForgeRefused({ detail, forge: NAME, operation, permission, reason }))

const labelled =
  (more: ReadonlyArray<string>) =>
  <A extends { readonly labels: ReadonlyArray<string> }>(thing: A): A => ({
    ...thing,
    labels: [...new Set([...thing.labels, ...more])]
  })

const commitOn = (state: State, branch: string, named?: string): string => {
  state.commits++
  const commit = named ?? Sha256.hex(`commit ${state.commits}`).slice(0, 40)
  state.branches.set(branch, commit)
  return commit
}

/** An open pull request follows its branch. */
const current = ({ branches }: State, one: PullRequest): PullRequest =>
  one.state === "open" && !one.isForeign
    ? { ...one, head: { ...one.head, commit: branches.get(one.head.branch) ?? one.head.commit } }
    : one

const every = (state: State): ReadonlyArray<PullRequest> =>
  [...state.pullRequests.values()].map((one) => current(state, one))

const changed = <A>(
  things: Map<number, A>,
  number: number,
  operation: string,
  permission: string,
  change: (thing: A) => A
): Effect.Effect<A, ForgeRefused> =>
  Effect.suspend(() => {
    const thing = things.get(number)
    if (thing === undefined) return refused(operation, permission, "missing", `there is no ${number}`)
    const next = change(thing)
    things.set(number, next)
    return Effect.succeed(next)
  })

const WRITES_PULLS = "pull_requests: write"
const WRITES_ISSUES = "issues: write"

type Service = Forge["Service"]
type Pulls = Pick<
  Service,
  | "pullRequestsOf"
  | "openPullRequests"
  | "pullRequest"
  | "openPullRequest"
  | "updatePullRequest"
  | "disableAutoMerge"
  | "mergePullRequest"
>

const openOne = (state: State): Service["openPullRequest"] =>
  Effect.fn("MemoryForge.openPullRequest")(function* (draft) {
    const open = every(state).find(
      ({ base, head, isForeign, state }) =>
        state === "open" && !isForeign && head.branch === draft.head && base === draft.base
    )
    if (open !== undefined) {
      const pullRequest = labelled(draft.labels)(open)
      state.pullRequests.set(open.number, pullRequest)
      return { created: false, pullRequest }
    }
    const commit = state.branches.get(draft.head)
    if (commit === undefined || !state.branches.has(draft.base)) {
      return yield* refused(
        "open a pull request",
        WRITES_PULLS,
        "invalid",
        `${draft.head} or ${draft.base} is no branch`
      )
    }
    const number = ++state.numbers
    const pullRequest: PullRequest = {
      ...draft,
      address: `https://forge.example/owner/repository/pull/${number}`,
      head: { branch: draft.head, commit },
      isForeign: false,
      landedIn: undefined,
      mergesItself: false,
      number,
      state: "open"
    }
    state.pullRequests.set(number, pullRequest)
    return { created: true, pullRequest }
  })

const mergeOne = (state: State): Service["mergePullRequest"] =>
  Effect.fn("MemoryForge.mergePullRequest")(function* (number, { head }) {
    const one = every(state).find((each) => each.number === number)
    const no = (reason: ForgeRefused["reason"], detail: string) =>
      refused("merge a pull request", "contents: write", reason, detail)
    if (one === undefined) return yield* no("missing", `there is no ${number}`)
    if (one.state !== "open") return yield* no("blocked", `${number} is ${one.state}`)
    if (one.head.commit !== head) return yield* no("moved", `${one.head.branch} is at ${one.head.commit}`)
    const landedIn = commitOn(state, one.base)
    state.pullRequests.set(number, { ...one, landedIn, mergesItself: false, state: "merged" })
    return landedIn
  })

const pullsOf = (state: State): Pulls => ({
  disableAutoMerge: (number) =>
    Effect.suspend(() => {
      const did = state.pullRequests.get(number)?.mergesItself ?? false
      const change = (one: PullRequest): PullRequest => ({ ...one, mergesItself: false })
      return Effect.as(changed(state.pullRequests, number, "disable auto-merge", WRITES_PULLS, change), did)
    }),
  mergePullRequest: mergeOne(state),
  openPullRequest: openOne(state),
  openPullRequests: (label) =>
    Effect.sync(() =>
      every(state).filter((one) => one.state === "open" && (label === undefined || one.labels.includes(label)))
    ),
  pullRequest: (number) => Effect.sync(() => Option.fromUndefinedOr(every(state).find((one) => one.number === number))),
  pullRequestsOf: (branch) =>
    Effect.sync(() =>
      every(state)
        .filter((one) => one.head.branch === branch && !one.isForeign)
        .reverse()
    ),
  updatePullRequest: (number, change) =>
    Effect.map(
      changed(state.pullRequests, number, "update a pull request", WRITES_PULLS, (one) => ({ ...one, ...change })),
      (one) => current(state, one)
    )
})

const issuesOf = (state: State): Pick<Service, "issueOf" | "ensureIssue" | "openIssues" | "updateIssue"> => ({
  ensureIssue: Effect.fn("MemoryForge.ensureIssue")(function* (draft) {
    if (!ISSUE_KEY.test(draft.key)) {
      return yield* refused("open an issue", WRITES_ISSUES, "invalid", `${JSON.stringify(draft.key)} is no key`)
    }
    const known = [...state.issues.values()].find(
      ({ key, labels }) => key === draft.key && labels.includes(draft.labels[0])
    )
    if (known !== undefined) return { created: false, issue: known }
    const number = ++state.numbers
    const address = `https://forge.example/owner/repository/issues/${number}`
    const { body, key, labels, title } = draft
    const issue: Issue = { address, body, key, labels, number, state: "open", title }
    state.issues.set(number, issue)
    return { created: true, issue }
  }),
  issueOf: (key, label) =>
    Effect.sync(() =>
      Option.fromUndefinedOr([...state.issues.values()].find((one) => one.key === key && one.labels.includes(label)))
    ),
  openIssues: (label) =>
    Effect.sync(() => [...state.issues.values()].filter((one) => one.state === "open" && one.labels.includes(label))),
  updateIssue: ({ number }, change) =>
    changed(state.issues, number, "update an issue", WRITES_ISSUES, (one) => ({ ...one, ...change }))
})

const serviceOf = (state: State): Service => ({
  ...pullsOf(state),
  ...issuesOf(state),
  addLabels: (number, labels) =>
    state.issues.has(number)
      ? changed(state.issues, number, "add labels", WRITES_ISSUES, labelled(labels)).pipe(Effect.asVoid)
      : changed(state.pullRequests, number, "add labels", WRITES_PULLS, labelled(labels)).pipe(Effect.asVoid),
  jobsOf: ({ attempt, run }) =>
    Effect.suspend(() => {
      const jobs = state.jobs.get(`${run}/${attempt}`)
      return jobs === undefined
        ? refused("read the jobs of a run", "actions: read", "missing", `there is no attempt ${attempt} of run ${run}`)
        : Effect.succeed(jobs)
    }),
  name: NAME,
  setCheck: (check) => Effect.sync(() => void state.checks.set(`${check.commit} ${check.name}`, check))
})

/** A forge whose repository has a branch `main` and nothing else. */
export const make = (): MemoryForge => {
  const state: State = {
    branches: new Map(),
    checks: new Map(),
    commits: 0,
    issues: new Map(),
    jobs: new Map(),
    numbers: 0,
    pullRequests: new Map()
  }
  commitOn(state, "main")
  return {
    change: (number, change) => {
      const one = state.pullRequests.get(number)
      if (one !== undefined) state.pullRequests.set(number, { ...current(state, one), ...change })
    },
    checks: () => [...state.checks.values()],
    issues: () => [...state.issues.values()],
    pullRequests: () => every(state),
    push: (branch, commit) => commitOn(state, branch, commit),
    ran: ({ attempt, run }, jobs) => void state.jobs.set(`${run}/${attempt}`, jobs),
    service: serviceOf(state)
  }
}
