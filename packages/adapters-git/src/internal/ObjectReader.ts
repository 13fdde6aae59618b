/** Reads objects through one `git cat-file --batch`: any number of questions for one process. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { begin, failureOf, type GitFailed, type Invocation, notStarted } from "../GitProgram.ts"
import type { End, GitProcess } from "./GitProcess.ts"

export interface StoredObject {
  readonly id: string
  readonly type: string
  readonly bytes: Buffer
}

export interface ObjectReader {
  /** The objects of these names (IDs or references), in order; `undefined` where there is none. */
  readonly get: (names: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<StoredObject | undefined>, GitFailed>
}

type Answer = StoredObject | undefined
interface Question {
  readonly answers: Array<Answer>
  readonly count: number
  readonly resume: (effect: Effect.Effect<ReadonlyArray<Answer>, GitFailed>) => void
}

/** Cuts the program's output into answers. Joins the pieces only when the answer that it waits for is complete. */
const splitter = (accept: (answer: Answer) => void): ((chunk: Buffer) => void) => {
  let chunks: Array<Buffer> = []
  let have = 0
  let needed = 1
  const take = (buffer: Buffer, at: number): number => {
    const end = buffer.indexOf(0x0a, at)
    if (end < 0) return at
    const header = buffer.toString("utf8", at, end).split(" ")
    const size = header.length === 3 ? Number(header[2]) : Number.NaN
    if (Number.isNaN(size)) {
      accept(undefined)
      return end + 1
    }
    const next = end + 1 + size + 1
    if (next > buffer.length) {
      needed = next - at
      return at
    }
    accept({ bytes: buffer.subarray(end + 1, next - 1), id: header[0] ?? "", type: header[1] ?? "" })
    return next
  }
  return (chunk) => {
    chunks.push(chunk)
    have += chunk.length
    if (have < needed) return
    const buffer = Buffer.concat(chunks)
    needed = 1
    let at = 0
    for (let next = take(buffer, 0); next > at; next = take(buffer, at)) at = next
    chunks = [buffer.subarray(at)]
    have = buffer.length - at
  }
}

const endFailure = (invocation: Invocation, git: GitProcess, end: End, isLate: boolean): GitFailed => {
  if (end.kind === "not-started") return notStarted(invocation, end.reason)
  const reason = isLate ? "time-out" : end.code === null ? "killed" : "exit"
  return failureOf(invocation, reason, {
    stderr: git.stderr(),
    ...(end.code === null ? {} : { exitCode: end.code })
  })
}

const readerOf = (invocation: Invocation, git: GitProcess): { reader: ObjectReader; close: () => void } => {
  const questions: Array<Question> = []
  let failure: GitFailed | undefined
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    git.stop()
  }, invocation.timeoutMillis)
  const split = splitter((answer) => {
    const [question] = questions
    question?.answers.push(answer)
    if (question === undefined || question.answers.length < question.count) return
    questions.shift()
    question.resume(Effect.succeed(question.answers))
  })
  git.child.stdout.on("data", split)
  void git.ended.then((end) => {
    clearTimeout(timer)
    const ending = endFailure(invocation, git, end, isLate)
    failure = ending
    for (const question of questions.splice(0)) question.resume(Effect.fail(ending))
  })
  const get: ObjectReader["get"] = (names) =>
    Effect.callback((resume) => {
      if (failure !== undefined) return resume(Effect.fail(failure))
      questions.push({ answers: [], count: names.length, resume })
      git.child.stdin.write(`${names.join("\n")}\n`)
    })
  return { close: git.stop, reader: { get } }
}

/**
 * A reader that lives as long as its scope; the program starts with the first question. `invocation.args` are git's own
 * settings, before the command.
 */
export const openReader = (invocation: Invocation): Effect.Effect<ObjectReader, never, Scope.Scope> => {
  const batch: Invocation = { ...invocation, args: [...invocation.args, "cat-file", "--batch"] }
  const acquired = Effect.acquireRelease(
    Effect.map(begin(batch), (git) => ({ git, ...readerOf(batch, git) })),
    ({ close, git }) =>
      Effect.promise(() => {
        close()
        return git.ended
      })
  )
  return Effect.gen(function* () {
    const scope = yield* Effect.scope
    const open = yield* Effect.cached(Effect.provideService(acquired, Scope.Scope, scope))
    const get: ObjectReader["get"] = (names) =>
      names.length === 0 ? Effect.succeed([]) : Effect.flatMap(open, ({ reader }) => reader.get(names))
    return { get }
  })
}
