/** Which recipes a probe tries: rotating, so that one that can never pass does not hold the breaker open for ever. */

/** How many recipes a breaker remembers having probed. */
export const REMEMBERED = 20

/**
 * Up to `count` of the candidates, each once: those not probed lately, from the one after the last probed onwards, so
 * that more candidates than are remembered have their turn too; then those probed longest ago.
 */
export const choose = (
  candidates: ReadonlyArray<string>,
  recentProbes: ReadonlyArray<string>,
  count: number
): ReadonlyArray<string> => {
  const distinct = [...new Set(candidates)]
  const last = recentProbes.findLast((recipe) => distinct.includes(recipe))
  const next = last === undefined ? 0 : distinct.indexOf(last) + 1
  const fresh = [...distinct.slice(next), ...distinct.slice(0, next)].filter((recipe) => !recentProbes.includes(recipe))
  const stale = distinct
    .filter((recipe) => recentProbes.includes(recipe))
    .sort((left, right) => recentProbes.lastIndexOf(left) - recentProbes.lastIndexOf(right))
  return [...fresh, ...stale].slice(0, count)
}

/** The memory after probing some recipes: each once, the newest last, the oldest forgotten. */
export const remember = (recentProbes: ReadonlyArray<string>, probed: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...recentProbes.filter((recipe) => !probed.includes(recipe)), ...new Set(probed)].slice(-REMEMBERED)
