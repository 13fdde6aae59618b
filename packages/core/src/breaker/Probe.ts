/** Which recipes a probe tries: rotating, so that one that can never pass does not hold the breaker open for ever. */

/** How many recipes a breaker remembers having probed. */
export const REMEMBERED = 20

/**
 * Up to `count` of the candidates: those not probed lately in the order given, then those probed longest ago.
 * Each candidate once.
 */
export const choose = (
  candidates: ReadonlyArray<string>,
  recentProbes: ReadonlyArray<string>,
  count: number
): ReadonlyArray<string> => {
  const distinct = [...new Set(candidates)]
  const fresh = distinct.filter((recipe) => !recentProbes.includes(recipe))
  const stale = distinct
    .filter((recipe) => recentProbes.includes(recipe))
    .sort((left, right) => recentProbes.lastIndexOf(left) - recentProbes.lastIndexOf(right))
  return [...fresh, ...stale].slice(0, count)
}

/** The memory after probing some recipes: each once, the newest last, the oldest forgotten. */
export const remember = (recentProbes: ReadonlyArray<string>, probed: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...recentProbes.filter((recipe) => !probed.includes(recipe)), ...new Set(probed)].slice(-REMEMBERED)
