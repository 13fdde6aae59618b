/** Which paths one glob takes in of those that another does. Sound rather than complete: "yes" is certain. */
import * as Glob from "effect/Glob"

const BRACES = /\{([^{}]*,[^{}]*)\}/

/** `{a,b}` written out. */
export const alternatives = (glob: string): ReadonlyArray<string> => {
  const found = BRACES.exec(glob)
  return found === null
    ? [glob]
    : (found[1] ?? "").split(",").flatMap((each) => alternatives(glob.replace(BRACES, () => each)))
}

/** Content is files: what stands below a folder at any depth is at least one name. */
const segmentsOf = (glob: string): ReadonlyArray<string> => {
  const segments = glob.split("/")
  return segments.at(-1) === "**" ? [...segments, "*"] : segments
}

const WILD = /[*?[\]{}()!+@\\]/
const ONE_STAR = /^([^*?[\]{}()!+@\\]*)\*([^*?[\]{}()!+@\\]*)$/

const segmentCovers = (cover: string, segment: string): boolean => {
  if (cover === "*" || cover === segment) return true
  if (!WILD.test(segment)) return Glob.match(Glob.make(cover, { dot: true }), segment)
  const [, start = "", end = ""] = ONE_STAR.exec(cover) ?? []
  return ONE_STAR.test(cover) && ONE_STAR.test(segment) && segment.startsWith(start) && segment.endsWith(end)
}

const covering = (cover: ReadonlyArray<string>, glob: ReadonlyArray<string>): boolean => {
  const [head, ...rest] = cover
  const [first, ...others] = glob
  if (head === undefined || first === undefined) return head === first
  if (head === "**") return covering(rest, glob) || covering(cover, others)
  return first !== "**" && segmentCovers(head, first) && covering(rest, others)
}

/** Every file that `glob` matches is one that `cover` matches. */
export const covers = (cover: string, glob: string): boolean =>
  alternatives(glob).every((each) => alternatives(cover).some((some) => covering(segmentsOf(some), segmentsOf(each))))

const literalStart = (glob: string): string =>
  glob.slice(0, Math.max(0, glob.search(WILD))) || (WILD.test(glob) ? "" : glob)

/** No file matches both: they begin otherwise. */
export const areApart = (one: string, other: string): boolean => {
  const [left, right] = [literalStart(one), literalStart(other)]
  return !left.startsWith(right) && !right.startsWith(left)
}
