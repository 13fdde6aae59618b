/**
 * What the control plane needs of the world: one branch of versioned files that is only ever extended, one commit at
 * a time, by compare-and-swap. The store knows nothing of breakers or events; it moves texts.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Names one state of the control branch: a commit ID. Opaque. */
export type Version = string

/** The path of the control file on the control branch. */
export const CONTROL_PATH = "batch-control.json"

/** Which files a reader wants: these, and all that stand directly in these directories. The control file always. */
export interface Wanted {
  readonly files: ReadonlyArray<string>
  readonly directories: ReadonlyArray<string>
  /** Directories of which all files are wanted, at any depth. */
  readonly trees?: ReadonlyArray<string>
}

/** One state of the control branch, as much of it as was asked for. */
export interface Snapshot {
  readonly version: Version
  /** The message of the commit, as it was written. */
  readonly message: string
  /** Path -> text. A path that was wanted and is not here does not exist. */
  readonly files: ReadonlyMap<string, string>
  /** Identifies the text of the control file (git: its blob ID). `undefined`: the branch has no control file. */
  readonly controlDigest: string | undefined
}

/** A change to the branch: one commit on top of the version that it was made from. */
export interface Change {
  /** The commit's message, given the digest that the control file will have. */
  readonly message: (controlDigest: string) => string
  /** Path -> new text, or `undefined` to remove the file. Must hold the control file. */
  readonly files: ReadonlyMap<string, string | undefined>
}

export class ControlStore extends Context.Service<
  ControlStore,
  {
    /** Where the branch is, for people: `batch-control on origin`. */
    readonly name: string
    /** The newest state. Always asks the remote; never answers from a cache. */
    readonly read: (
      wanted: Wanted
    ) => Effect.Effect<Snapshot, ControlMissing | StoreUnavailable | StoreRefused | StoreCorrupt>
    /**
     * Goes back from a version through first parents to the newest commit that is accepted, that version included.
     * `none` when no commit of the branch is.
     */
    readonly findBack: (
      from: Version,
      accepts: (commit: { readonly message: string; readonly controlDigest: string | undefined }) => boolean
    ) => Effect.Effect<Option.Option<Snapshot>, StoreUnavailable | StoreRefused | StoreCorrupt>
    /**
     * Writes one commit while the branch still is at `expected` (`undefined`: while there is no branch), and answers
     * its version. On `VersionConflict`, `StoreRefused` and `StoreCorrupt` nothing was written.
     */
    readonly commit: (
      expected: Version | undefined,
      change: Change
    ) => Effect.Effect<Version, VersionConflict | StoreUnavailable | StoreRefused | StoreCorrupt>
  }
>()("@batchbrake/core/port/ControlStore") {}

/** There is no control branch yet. Run `batchbrake init`. */
export class ControlMissing extends Schema.TaggedError<ControlMissing>("@batchbrake/core/ControlMissing")(
  "ControlMissing",
  { store: Schema.String }
) {
  override get message() {
    return `there is no ${this.store} yet: run \`batchbrake init\``
  }
}

/** Another writer got there first. Expected under contention: read again and reduce again. */
export class VersionConflict extends Schema.TaggedError<VersionConflict>("@batchbrake/core/VersionConflict")(
  "VersionConflict",
  { store: Schema.String, expected: Schema.String }
) {
  override get message() {
    return `${this.store} is no longer at ${this.expected}`
  }
}

/**
 * The store could not be reached, did not answer in time, or broke off. With `mayHaveLanded` the answer to a write was
 * lost: read again and look for your own event before you repeat it.
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>("@batchbrake/core/StoreUnavailable")(
  "StoreUnavailable",
  {
    store: Schema.String,
    /** What went wrong, in one line, without secrets. */
    detail: Schema.String,
    /** What a person can do about it. */
    remedy: Schema.String,
    mayHaveLanded: Schema.Boolean,
    /** Trying again will not help before a person has done something: no such repository, no git program. */
    permanent: Schema.optionalKey(Schema.Boolean),
    cause: Schema.optionalKey(Schema.Defect())
  }
) {
  override get message() {
    return `cannot reach ${this.store}: ${this.detail}; ${this.remedy}`
  }
}

/** The store answered and said no: bad credentials, a protected branch, a hook. Trying again will not help. */
export class StoreRefused extends Schema.TaggedError<StoreRefused>("@batchbrake/core/StoreRefused")("StoreRefused", {
  store: Schema.String,
  detail: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message() {
    return `${this.store} refused: ${this.detail}; ${this.remedy}`
  }
}

/** What is stored cannot be read: a damaged or missing object. Nothing is written over it. */
export class StoreCorrupt extends Schema.TaggedError<StoreCorrupt>("@batchbrake/core/StoreCorrupt")("StoreCorrupt", {
  store: Schema.String,
  detail: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message() {
    return `${this.store} is damaged: ${this.detail}; ${this.remedy}`
  }
}
