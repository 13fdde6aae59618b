/**
 * What we need of the place where people look at changes: pull requests, issues, checks on commits, and how long the
 * jobs of a run took. It asks and tells; it decides nothing, and no gate waits for it.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Job } from "../budget/JobMinutes.ts"
import { format } from "../time/Instant.ts"

/** A request to take a branch into another one. */
export interface PullRequest {
  readonly number: number
  /** Where people find it. */
  readonly address: string
  readonly title: string
  readonly body: string
  readonly state: "open" | "merged" | "closed"
  /** The branch that is asked for, and its newest commit as the forge knows it. */
  readonly head: { readonly branch: string; readonly commit: string }
  /** The branch that it is to land on. */
  readonly base: string
  /** Its branch stands in another repository: nothing that it says is ours. */
  readonly isForeign: boolean
  readonly labels: ReadonlyArray<string>
  /** It will land by itself once its conditions are met. */
  readonly mergesItself: boolean
  /** The commit that brought it onto its base; `undefined` unless it is merged. */
  readonly landedIn: string | undefined
}

/** A pull request that is to be opened for a branch of this repository. */
export interface PullRequestDraft {
  readonly head: string
  readonly base: string
  readonly title: string
  readonly body: string
  readonly labels: ReadonlyArray<string>
}

/** How a pull request is brought onto its base. */
export interface Merging {
  /** The commit that its branch must still be at. */
  readonly head: string
  readonly method: "merge" | "squash" | "rebase"
}

/** An issue of ours: one for each key, for ever. */
export interface Issue {
  readonly number: number
  readonly address: string
  /** What it is about, in the words of whoever opened it: the same occurrence has the same key. */
  readonly key: string
  readonly title: string
  /** As it was given, without the mark that carries the key. */
  readonly body: string
  readonly state: "open" | "closed"
  readonly labels: ReadonlyArray<string>
}

/** Letters, digits and `._:/@+-`, from a letter or digit, at most 200: it must stand in a hidden mark. */
export const ISSUE_KEY = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/

/** An issue that is to be there. */
export interface IssueDraft {
  /** Matches {@link ISSUE_KEY}. What may happen again has a time or a number in its key. */
  readonly key: string
  readonly title: string
  readonly body: string
  /**
   * At least one. Issues are looked for among those with the first label: whoever may not set it cannot pass an issue
   * of their own off as ours.
   */
  readonly labels: readonly [string, ...ReadonlyArray<string>]
  /**
   * Epoch milliseconds: no issue of this key can be older. Where that is known nothing that was last changed before it is
   * looked at, so that asking does not grow with all that was ever closed.
   */
  readonly since?: number
}

/** What is to be different; what is absent stays as it is. */
export interface IssueChange {
  readonly title?: string
  readonly body?: string
  readonly state?: "open" | "closed"
}

/** A verdict on a commit. One for each commit and name: saying it again replaces what was said, whoever said it. */
export interface Check {
  readonly commit: string
  readonly name: string
  /** `failure` turns the pull requests of this commit red; `pending` has no verdict yet. */
  readonly verdict: "success" | "failure" | "pending"
  /** Why, in one line. A forge may show no more than its first 140 characters. */
  readonly says: string
  /** Where more stands. */
  readonly address?: string
}

/** A run of the forge's automation; each attempt is counted by itself, from 1. */
export interface RunAttempt {
  readonly run: number
  readonly attempt: number
}

type Failure = ForgeUnavailable | ForgeLimited | ForgeRefused

export class Forge extends Context.Service<
  Forge,
  {
    /** For people: `owner/repository on forge.example`. */
    readonly name: string
    /**
     * The pull requests of a branch of this repository, exactly that name, newest first. Those of equally named
     * branches in other repositories are none.
     */
    readonly pullRequestsOf: (branch: string) => Effect.Effect<ReadonlyArray<PullRequest>, Failure>
    /** The open pull requests, or those that have a label, oldest first, those from other repositories among them. */
    readonly openPullRequests: (label?: string) => Effect.Effect<ReadonlyArray<PullRequest>, Failure>
    readonly pullRequest: (number: number) => Effect.Effect<Option.Option<PullRequest>, Failure>
    /**
     * Opens one, unless an open one asks for the same branch onto the same base: then answers that, its words left as they
     * are. Either way it has the labels afterwards: what finds pull requests by a label finds this one.
     */
    readonly openPullRequest: (
      draft: PullRequestDraft
    ) => Effect.Effect<{ readonly pullRequest: PullRequest; readonly created: boolean }, Failure>
    readonly updatePullRequest: (
      number: number,
      change: { readonly title?: string; readonly body?: string }
    ) => Effect.Effect<PullRequest, Failure>
    /** Adds labels to a pull request or an issue; those that it has stay. */
    readonly addLabels: (number: number, labels: ReadonlyArray<string>) => Effect.Effect<void, Failure>
    /** Keeps a pull request from landing by itself; answers whether it would have. */
    readonly disableAutoMerge: (number: number) => Effect.Effect<boolean, Failure>
    /**
     * Lands a pull request now and answers the commit on its base. Refused with `moved` when its branch is no longer
     * at the commit named, with `blocked` when a rule or a conflict stands in the way.
     */
    readonly mergePullRequest: (number: number, merging: Merging) => Effect.Effect<string, Failure>
    /** The open issues of ours that have a label, oldest first: each has a key, and none is somebody else's. */
    readonly openIssues: (label: string) => Effect.Effect<ReadonlyArray<Issue>, Failure>
    /** The issue with this key among those with this label, open or closed. */
    readonly issueOf: (key: string, label: string) => Effect.Effect<Option.Option<Issue>, Failure>
    /**
     * The issue of a key, made where there is none: once, however many ask at the same time. One that is there is
     * answered as it is, closed ones too.
     */
    readonly ensureIssue: (
      draft: IssueDraft
    ) => Effect.Effect<{ readonly issue: Issue; readonly created: boolean }, Failure>
    /** Changes an issue; its key stays. */
    readonly updateIssue: (issue: Pick<Issue, "key" | "number">, change: IssueChange) => Effect.Effect<Issue, Failure>
    /** Says a verdict on a commit. */
    readonly setCheck: (check: Check) => Effect.Effect<void, Failure>
    /** The jobs of one attempt of a run. Minutes of them: `budget/JobMinutes.ts`. */
    readonly jobsOf: (attempt: RunAttempt) => Effect.Effect<ReadonlyArray<Job>, Failure>
  }
>()("@batchbrake/core/port/Forge") {}

/**
 * The forge could not be reached, did not answer in time, or failed by itself. Try later. With `mayHaveLanded` the
 * answer to a write was lost: look before it is repeated.
 */
export class ForgeUnavailable extends Schema.TaggedError<ForgeUnavailable>("@batchbrake/core/ForgeUnavailable")(
  "ForgeUnavailable",
  {
    forge: Schema.String,
    /** What was asked: `open a pull request`. */
    operation: Schema.String,
    /** What went wrong, in one line, without secrets. */
    detail: Schema.String,
    mayHaveLanded: Schema.Boolean
  }
) {
  override get message() {
    const landed = this.mayHaveLanded ? "it may have happened all the same: look, then try again" : "try again later"
    return `cannot reach ${this.forge} to ${this.operation}: ${this.detail}; ${landed}`
  }
}

/** The forge wants fewer requests, from this token or altogether. Nothing was done; wait until `retryAt`. */
export class ForgeLimited extends Schema.TaggedError<ForgeLimited>("@batchbrake/core/ForgeLimited")("ForgeLimited", {
  forge: Schema.String,
  operation: Schema.String,
  /** `primary`: the hour's share is used up. `secondary`: too many at once, or too fast. */
  limit: Schema.Literals(["primary", "secondary"]),
  /** Epoch milliseconds, as far as the forge said. */
  retryAt: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    const why = this.limit === "primary" ? "the token's requests are used up" : "too many requests at once"
    const when = this.retryAt === undefined ? "try again in some minutes" : `try again at ${format(this.retryAt)}`
    return `${this.forge} did not ${this.operation}: ${why}; ${when}`
  }
}

const REMEDIES = {
  blocked: "see at the pull request which rule or conflict stands in the way",
  invalid: "mend what it names; the same request will be refused again",
  missing: "check the repository's name, and that the token may see it",
  moved: "look at what came onto the branch, then ask again with its newest commit",
  permission: "give the token what the operation needs, and no more",
  token: "the token is not valid, or not any more: make a new one",
  unexpected: "the forge, or what stands before it, answered something else than it publishes; check its address"
} as const

/** The forge answered and said no. Trying again will not help before somebody mended it. */
export class ForgeRefused extends Schema.TaggedError<ForgeRefused>("@batchbrake/core/ForgeRefused")("ForgeRefused", {
  forge: Schema.String,
  operation: Schema.String,
  reason: Schema.Literals(["token", "permission", "missing", "invalid", "moved", "blocked", "unexpected"]),
  /** The least permission that the operation needs: `pull_requests: write`. */
  permission: Schema.String,
  /** What the forge said, in one line, without secrets. */
  detail: Schema.String
}) {
  /** What a person can do about it. */
  get remedy(): string {
    return this.reason === "permission" || this.reason === "missing"
      ? `${REMEDIES[this.reason]} (${this.permission})`
      : REMEDIES[this.reason]
  }
  override get message() {
    return `${this.forge} refused to ${this.operation}: ${this.detail}; ${this.remedy}`
  }
}
