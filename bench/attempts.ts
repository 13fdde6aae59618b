/** A fifth of all attempts fails: mixed, the same for everybody, and rarely enough to trip. */
const failures = ((): ReadonlyArray<boolean> => {
  let seed = 1
  return Array.from({ length: 4096 }, () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0
    return seed / 2 ** 32 < 0.2
  })
})()

export const isFailure = (index: number): boolean => failures[index & 4095] === true

export const perSecond = (count: number, millis: number): number => (count / millis) * 1000
