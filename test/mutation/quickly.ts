import * as fc from "fast-check"

/** At most so many runs, always the same ones, and no search for the smallest counterexample: that there is one is enough. */
export const quickly = (mostRuns: () => number): Pick<typeof fc, "assert"> => ({
  assert: ((property: fc.IRawProperty<unknown>, asked: fc.Parameters<unknown> = {}) =>
    fc.assert(property, {
      ...asked,
      endOnFailure: true,
      numRuns: Math.min(asked.numRuns ?? 100, mostRuns())
    })) as typeof fc.assert
})
