/**
 * A world without machines: a clock, jobs that ask the gate and run, fail, are cancelled or die, and a network that
 * delivers their reports late, twice, or not at all. Everything in it is data, so the same world happens the same way.
 */
import * as Result from "effect/Result"
import * as Control from "../control/Control.ts"
import type { ControlEvent } from "../control/ControlEvent.ts"
import { type Decision, decide } from "../control/Decision.ts"
import { reduce } from "../control/Reducer.ts"
import type { Policy } from "../policy/Policy.ts"
import type { EpochMillis } from "../time/Instant.ts"

/** How a job ends: it reports, someone cancels it and it gives its grant back, or it dies and says nothing. */
export type End = "reports" | "cancelled" | "crashes"

/** One job that wants to run. */
export interface Job {
  readonly ecosystem: string
  /** From the beginning of the world, by the true clock. */
  readonly startsAfterMillis: number
  readonly takesMillis: number
  /** What its attempts come to, in order: `P`, `F` or `S` each; a probe does as many as it is granted. */
  readonly results: string
  readonly minutes: Readonly<Record<string, number>> | undefined
  readonly end: End
  /** How long each delivery of its last word takes; several for one that is sent again, none for one that is lost. */
  readonly deliveriesMillis: ReadonlyArray<number>
  /** How far the clock of its machine is off. */
  readonly skewMillis: number
}

/** An order of a person, some time after the beginning. */
export interface Intervention {
  readonly afterMillis: number
  readonly make: (at: EpochMillis) => ControlEvent
}

/** What a job was told, and what was made of what it said. */
export interface Happened {
  /** By the true clock. */
  readonly at: EpochMillis
  readonly event: ControlEvent
  readonly answer: "applied" | "not applied" | "rejected"
  readonly notices: ReadonlyArray<string>
}

export interface Played {
  readonly control: Control.Control
  readonly happened: ReadonlyArray<Happened>
  /** The decision on each job, in the order in which they asked. */
  readonly decisions: ReadonlyArray<Decision>
}

interface Due {
  readonly at: EpochMillis
  readonly order: number
  readonly act: () => void
}

/** What a job says at its end; nothing, when it dies. */
const lastWord = (job: Job, runKey: string, granted: Decision, at: EpochMillis): ControlEvent | undefined => {
  const run = { at, author: "ci", ecosystem: job.ecosystem, runKey }
  const minutes = job.minutes === undefined ? {} : { minutes: job.minutes }
  switch (job.end) {
    case "reports":
      return {
        ...run,
        ...minutes,
        _tag: "RunCompleted",
        attempts: { categories: {}, results: job.results.slice(0, granted.maxAttempts) }
      }
    case "cancelled":
      return { ...run, ...minutes, _tag: "RunAbandoned" }
    case "crashes":
      return undefined
  }
}

/**
 * Plays a world from an instant and a state to its last delivery. A job that is held does not start. Jobs are named
 * `job-0`, `job-1`, … in the order in which they are given.
 */
export const play = (
  policy: Policy,
  from: EpochMillis,
  jobs: ReadonlyArray<Job>,
  interventions: ReadonlyArray<Intervention> = [],
  begun: Control.Control = Control.initial
): Played => {
  const queue: Array<Due> = []
  const happened: Array<Happened> = []
  const decisions: Array<Decision> = []
  let control = begun
  let order = 0
  const plan = (at: EpochMillis, act: () => void): void => {
    queue.push({ act, at, order: order++ })
  }
  const tell = (event: ControlEvent, at: EpochMillis): void => {
    const outcome = reduce(policy, control, event)
    if (Result.isSuccess(outcome)) control = outcome.success.control
    const answer = Result.isFailure(outcome) ? "rejected" : outcome.success.applied ? "applied" : "not applied"
    const notices = Result.isSuccess(outcome) ? outcome.success.notices.map(({ code }) => code) : []
    happened.push({ answer, at, event, notices })
  }
  const start = (job: Job, runKey: string, now: EpochMillis): void => {
    const at = now + job.skewMillis
    const { ecosystem } = job
    const asked = { author: "ci", batch: undefined, candidates: [], claim: true, ecosystem, runKey }
    const decision = decide(policy, control, asked, at)
    decisions.push(decision)
    if (decision.decision === "hold") return
    tell({ _tag: "RunAdmitted", at, author: "ci", ecosystem, runKey }, now)
    const word = lastWord(job, runKey, decision, at + job.takesMillis)
    if (word === undefined) return
    for (const delay of job.deliveriesMillis) {
      const arrival = now + job.takesMillis + delay
      plan(arrival, () => tell(word, arrival))
    }
  }
  for (const [index, job] of jobs.entries()) {
    const at = from + job.startsAfterMillis
    plan(at, () => start(job, `job-${index}`, at))
  }
  for (const { afterMillis, make } of interventions) {
    const at = from + afterMillis
    plan(at, () => tell(make(at), at))
  }
  for (;;) {
    // The first in time; of two at one instant the one that was planned first.
    const due = queue.reduce<Due | undefined>(
      (first, each) =>
        first === undefined || each.at < first.at || (each.at === first.at && each.order < first.order) ? each : first,
      undefined
    )
    if (due === undefined) return { control, decisions, happened }
    queue.splice(queue.indexOf(due), 1)
    due.act()
  }
}
