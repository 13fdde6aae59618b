/** A control branch and a content branch in memory, and the programs of batches run on them. */
import * as Policy from "@batchbrake/core/policy/Policy"
import { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import { ControlStore } from "@batchbrake/core/port/ControlStore"
import { confirmMerge } from "@batchbrake/core/program/confirmMerge"
import { initControl } from "@batchbrake/core/program/initControl"
import { openBatch } from "@batchbrake/core/program/openBatch"
import type { Origin } from "@batchbrake/core/program/operate"
import { type RollbackRequest, type RolledBack, rollBack } from "@batchbrake/core/program/rollBack"
import { sealBatch } from "@batchbrake/core/program/sealBatch"
import type { Edits } from "@batchbrake/core/testing/MemoryCommits"
import * as MemoryContent from "@batchbrake/core/testing/MemoryContentRepository"
import * as MemoryControl from "@batchbrake/core/testing/MemoryControlStore"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** 2026-02-06T00:00:00Z */
export const START = 1_770_336_000_000
const MINUTE = 60_000

export const policyOf = (content: ReadonlyArray<string>): Policy.Policy =>
  Result.getOrThrow(Policy.fromJson({ ...Policy.starter(["homebrew", "npm"], "main"), content: [...content] }))

export const policy = policyOf(["recipes/**"])

type Needs = ControlStore | ContentRepository
type Program<A, E> = Effect.Effect<A, E, Needs>

const DEFAULTS = { dryRun: false, onChanged: "skip", reason: "it broke the build", undo: false } as const

export class Registry {
  readonly content = MemoryContent.make()
  readonly control = MemoryControl.make()
  private minutes = 0

  /** What the programs are given; a test puts something less reliable in its place. */
  services = { content: this.content.service, control: this.control.service }

  static readonly begin = async (): Promise<Registry> => {
    const registry = new Registry()
    await registry.run(initControl({ ...registry.origin(), published: undefined }))
    return registry
  }

  /** Who orders, a minute later with each call. */
  origin(own = policy): Origin {
    this.minutes++
    const at = START + this.minutes * MINUTE
    this.content.setTime(at)
    return { at, author: "alice", nonce: `n${this.minutes}`, policy: own }
  }

  provide<A, E>(program: Program<A, E>): Effect.Effect<A, E> {
    return program.pipe(
      Effect.provideService(ControlStore, this.services.control),
      Effect.provideService(ContentRepository, this.services.content)
    )
  }

  run<A, E>(program: Program<A, E>): Promise<A> {
    return Effect.runPromise(this.provide(program))
  }

  /** The code of a failure that must come. */
  async code<A, E extends { readonly _tag: string }>(program: Program<A, E>): Promise<string> {
    const failure = await this.run(Effect.flip(program))
    return "code" in failure && typeof failure.code === "string" ? failure.code : failure._tag
  }

  async message<A, E extends { readonly message: string }>(program: Program<A, E>): Promise<string> {
    return (await this.run(Effect.flip(program))).message
  }

  rollBack(name: string, request: Partial<RollbackRequest> = {}, own = policy) {
    return rollBack(this.origin(own), { ...DEFAULTS, ...request, name })
  }

  /** A rollback that somebody is shown first. */
  approved<E, R>(name: string, approve: (plan: RolledBack) => Effect.Effect<boolean, E, R>) {
    return rollBack(this.origin(), { ...DEFAULTS, name }, approve)
  }

  async open(): Promise<string> {
    return (await this.run(openBatch(this.origin(), ["npm"]))).id
  }

  /** A sealed batch of some edits, made on the content branch's tip and not landed. Its branch is `bot-ID`. */
  async seal(edits: Edits): Promise<string> {
    const id = await this.open()
    this.content.commit(`batch ${id}`, edits, `bot-${id}`)
    await this.sealBranch(id)
    return id
  }

  sealBranch(id: string) {
    return this.run(sealBatch(this.origin(), id, { base: "main", head: `bot-${id}` }))
  }

  confirm(id: string, commit: string) {
    return this.run(confirmMerge(this.origin(), id, commit))
  }

  /** A batch of some edits, landed and confirmed. */
  async batch(edits: Edits, how: MemoryContent.Landing = "squash", review: Edits = {}): Promise<string> {
    const id = await this.seal(edits)
    const commit = this.content.land(`bot-${id}`, how, `land (#${this.minutes})`, review)
    await this.run(confirmMerge(this.origin(), id, commit))
    return id
  }

  /** The texts of the content branch, or of another commit. */
  texts(commit = this.content.tip()): Readonly<Record<string, string | undefined>> {
    const tree = [...this.content.treeOf(commit)].sort(([left], [right]) => (left < right ? -1 : 1))
    return Object.fromEntries(tree.map(([path, entry]) => [path, this.content.textOf(entry)]))
  }

  /** The messages of the control branch, oldest first. */
  log(): ReadonlyArray<string> {
    return this.control.history().map(({ message }) => message)
  }

  /** Files of the control branch's newest state. */
  files(): Map<string, string> {
    return new Map(this.control.history().at(-1)?.files)
  }

  /** Edits a file of the control branch by hand. */
  async edit(path: string, edit: (text: string) => string | undefined): Promise<void> {
    const control = this.files().get("batch-control.json") ?? ""
    const files = new Map([["batch-control.json", control], [path, edit(this.files().get(path) ?? "")] as const])
    const version = this.control.history().at(-1)?.version
    await Effect.runPromise(this.control.service.commit(version, { files, message: () => "by hand" }))
  }
}
