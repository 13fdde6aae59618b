/** Settings that are each allowed and together make no sense. */
import type { Fault } from "../json/Fault.ts"
import { pathOf } from "../json/StrictJson.ts"

interface Thresholds {
  readonly window: number
  readonly minimum_attempts: number
  readonly cool_down_minutes: number
  readonly cool_down_cap_minutes: number
}

interface Checked {
  readonly breaker: Thresholds
  readonly ecosystems: Readonly<Record<string, { readonly breaker: Thresholds }>>
  readonly budget: { readonly sample_at: number; readonly pause_at: number }
  readonly content_branch?: string
  readonly control_branch: string
}

const unless = (holds: boolean, fault: Fault): ReadonlyArray<Fault> => (holds ? [] : [fault])

const ofBreaker = (path: string, breaker: Thresholds): ReadonlyArray<Fault> => [
  ...unless(breaker.minimum_attempts <= breaker.window, {
    expected: `at most the window, ${breaker.window}: a breaker that waits for more never trips`,
    found: String(breaker.minimum_attempts),
    instead: breaker.window,
    path: `${path}.minimum_attempts`
  }),
  ...unless(breaker.cool_down_cap_minutes >= breaker.cool_down_minutes, {
    expected: `at least cool_down_minutes, ${breaker.cool_down_minutes}`,
    found: String(breaker.cool_down_cap_minutes),
    instead: breaker.cool_down_minutes,
    path: `${path}.cool_down_cap_minutes`
  })
]

/** The contradictions of a policy whose defaults are filled in; one that an ecosystem inherits is reported at the base. */
export const contradictions = (policy: Checked): ReadonlyArray<Fault> => {
  const base = ofBreaker("breaker", policy.breaker)
  const isInherited = ({ expected, found }: Fault): boolean =>
    base.some((fault) => fault.expected === expected && fault.found === found)
  const own = Object.entries(policy.ecosystems).flatMap(([name, { breaker }]) =>
    ofBreaker(`${pathOf("ecosystems", name)}.breaker`, breaker).filter((fault) => !isInherited(fault))
  )
  return [
    ...base,
    ...own,
    ...unless(policy.budget.sample_at <= policy.budget.pause_at, {
      expected: `at most pause_at, ${policy.budget.pause_at}`,
      found: String(policy.budget.sample_at),
      instead: policy.budget.pause_at,
      path: "budget.sample_at"
    }),
    ...unless(policy.content_branch !== policy.control_branch, {
      expected: "a branch of its own, not the content branch",
      found: JSON.stringify(policy.control_branch),
      instead: `${policy.control_branch}-control`,
      path: "control_branch"
    })
  ]
}
