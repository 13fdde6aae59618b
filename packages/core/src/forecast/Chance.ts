/**
 * Chance that is the same every time: a number for a seed and a place, so that two policies meet the same recipes with
 * the same results whatever each of them did before. The mixer is the finaliser of MurmurHash3 (A. Appleby, public domain).
 */

const mixed = (value: number): number => {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** A number for a text. */
export const seedOf = (text: string): number => {
  let hash = text.length
  for (let index = 0; index < text.length; index++)
    hash = mixed(hash ^ Math.imul(text.charCodeAt(index) + 1, 0x9e3779b1))
  return hash
}

/** From 0 to below 1, for a seed and the coordinates of what is asked about. */
export const at = (seed: number, ...place: ReadonlyArray<number>): number => {
  let hash = seed
  for (const coordinate of place) hash = mixed(hash ^ Math.imul(coordinate + 1, 0x9e3779b1))
  return (hash >>> 0) / 2 ** 32
}
