/** More against an ecosystem never lets it do more. */
import * as fc from "fast-check"
import type { BareCounts } from "../../breaker/Attempts.ts"
import * as Attempts from "../../breaker/Attempts.ts"
import * as Breaker from "../../breaker/Breaker.ts"
import { initial } from "../../breaker/BreakerState.ts"
import type { Reservation } from "../../budget/Reservation.ts"
import type { Control } from "../../control/Control.ts"
import { breakerOf, withBreaker, withPauses } from "../../control/ControlFile.ts"
import { type Decision, decide } from "../../control/Decision.ts"
import * as Pause from "../../control/Pause.ts"
import * as Policy from "../../policy/Policy.ts"
import { DAY } from "../../time/Instant.ts"
import * as ControlArbitrary from "../ControlArbitrary.ts"
import { ask, type World } from "../WorldArbitrary.ts"
import { all, isTrue, law, UNTRIED } from "./Law.ts"

const RANK = { hold: 0, probe: 1, run: 2 } as const

/** Whether the second answer allows anything that the first did not. */
const isLooser = (before: Decision, after: Decision): boolean =>
  RANK[after.decision] > RANK[before.decision] ||
  after.batchSize > before.batchSize ||
  after.maxAttempts > before.maxAttempts ||
  Object.entries(after.sampling).some(([platform, rate]) => rate > (before.sampling[platform] ?? 1)) ||
  (after.decision === "hold" &&
    before.decision === "hold" &&
    (after.retryAt ?? Number.POSITIVE_INFINITY) < (before.retryAt ?? Number.POSITIVE_INFINITY))

const reservation = (ecosystem: string, now: number): fc.Arbitrary<Reservation> =>
  fc
    .record({
      length: fc.integer({ max: 3 * DAY, min: -DAY }),
      linux: fc.nat({ max: 400 }),
      macos: fc.nat({ max: 400 }),
      windows: fc.nat({ max: 90 })
    })
    .map(({ length, ...minutes }) => ({
      admittedAt: now - DAY,
      author: "ci",
      batch: undefined,
      batchSize: 5,
      ecosystem,
      expiresAt: now + length,
      generation: 1,
      kind: "run",
      maxAttempts: 5,
      minutes,
      probeRecipes: [],
      runKey: "another",
      unknown: {}
    }))

/** One thing more that stands against an ecosystem. */
interface Addition {
  readonly ecosystem: string
  readonly held: Reservation
  readonly pause: Pause.Pause
  readonly scope: string
  readonly spent: Readonly<Record<string, number>>
  readonly which: "pause" | "reservation" | "spent" | "window"
}

const additions = ({ ecosystems, now }: World): fc.Arbitrary<Addition> =>
  fc.record({
    ecosystem: fc.constantFrom(...ecosystems),
    held: reservation(ecosystems[0] ?? "", now),
    pause: ControlArbitrary.pause(now),
    scope: fc.constantFrom(Pause.EVERYTHING, ...ecosystems),
    spent: fc.dictionary(fc.constantFrom("linux", "macos", "windows"), fc.nat({ max: 2000 }), {
      noNullPrototype: true
    }),
    which: fc.constantFrom("pause" as const, "reservation" as const, "spent" as const, "window" as const)
  })

const madeStricter = ({ control }: World, made: Addition): Control => {
  const { file } = control
  const { budget } = file
  const used = { ...budget.used }
  for (const [platform, minutes] of Object.entries(made.spent)) used[platform] = (used[platform] ?? 0) + minutes
  const breaker = breakerOf(file, made.ecosystem)
  switch (made.which) {
    case "pause":
      return { ...control, file: withPauses(file, Pause.add(file.pauses, made.scope, made.pause)) }
    case "reservation":
      return { ...control, file: { ...file, budget: { ...budget, reservations: [...budget.reservations, made.held] } } }
    case "spent":
      return { ...control, file: { ...file, budget: { ...budget, used } } }
    case "window": {
      const window = breaker.window?.replace("P", "F")
      const failures = breaker.failures + (window === breaker.window ? 0 : 1)
      return { ...control, file: withBreaker(file, made.ecosystem, { ...breaker, failures, window }) }
    }
  }
}

export const monotoneState = law(
  {
    name: "monotone state",
    rules: ["DE3"],
    says: "a pause, a reservation or spent minutes more, or a failure in place of a pass, never loosens a decision"
  },
  additions,
  () => [],
  (world, addition) => {
    const changed = madeStricter(world, addition)
    return all(
      [undefined, "mine", "run-3"].map((runKey) => {
        const before = decide(world.policy, world.control, ask(addition.ecosystem, runKey), world.now)
        const after = decide(world.policy, changed, ask(addition.ecosystem, runKey), world.now)
        return isTrue(
          `with more ${addition.which} against it, ${JSON.stringify(before)} becomes no looser than ${JSON.stringify(after)}`,
          !isLooser(before, after)
        )
      })
    )
  }
)

const bare = (passed: number, failed: number): BareCounts => ({ failed, passed, skipped: 0 })

export const monotoneRun = law(
  {
    name: "monotone run",
    rules: ["BR31"],
    says: "a run with more failures in place of passes never turns a trip into no trip",
    speaksOf: "a run that trips"
  },
  ({ ecosystems, now }) =>
    fc
      .record({
        choice: fc.nat(),
        ecosystem: fc.constantFrom(...ecosystems),
        letters: fc.array(fc.constantFrom("P", "F"), { maxLength: 20 }),
        total: fc.integer({ max: 60, min: 1 })
      })
      .map(({ choice, ecosystem, letters, total }) => {
        const failed = choice % total
        return {
          at: now,
          counts: [bare(total - failed, failed), bare(total - failed - 1, failed + 1)] as const,
          ecosystem,
          window: letters.join("")
        }
      }),
  ({ at, counts: [, more], ecosystem }) => [
    { _tag: "RunCompleted", at, attempts: more, author: "ci", ecosystem, runKey: "run" }
  ],
  ({ policy }, { at, counts: [less, more], ecosystem, window }) => {
    const own = Policy.ecosystemOf(policy, ecosystem)?.breaker
    if (own === undefined) return UNTRIED
    const trips = (attempts: BareCounts): boolean => {
      const outcomes = { closed: Attempts.counted(attempts, []), probe: Attempts.countedForProbe(attempts, []) }
      const standing = { grantedGeneration: 0, runKey: "run" }
      return Breaker.settle(own, { ...initial, window }, standing, outcomes, at).state.state === "open"
    }
    return trips(less)
      ? isTrue(`behind ${window || "nothing"}, ${more.failed} failures trip as ${less.failed} do`, trips(more))
      : UNTRIED
  }
)
