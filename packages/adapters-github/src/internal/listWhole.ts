/** Lists of pages that are changed while they are read. */
import * as Effect from "effect/Effect"
import type { ForgeFailure } from "./classify.ts"

const ONE_PAGE = 100
const MOST_LISTINGS = 5

/**
 * All that stand in a list. One that leaves it while pages are read moves the others up, and the first of the next page
 * is on none: so what takes more than one page is listed until two listings agree, and all that any of them had is answered.
 */
export const listWhole = Effect.fn("listWhole")(function* <A extends { readonly number: number }>(
  list: Effect.Effect<ReadonlyArray<A>, ForgeFailure>
) {
  const seen = new Map<number, A>()
  let before = ""
  for (let listing = 0; listing < MOST_LISTINGS; listing++) {
    const found = yield* list
    for (const one of found) seen.set(one.number, one)
    const now = found.map(({ number }) => number).join(" ")
    if (now === before || (listing === 0 && found.length < ONE_PAGE)) break
    before = now
  }
  return [...seen.values()]
})
