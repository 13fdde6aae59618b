/** The lines of CODEOWNERS that keep policy and brakes, and CODEOWNERS itself, in their owners' hands. */
import * as Result from "effect/Result"
import { HOME } from "./Part.ts"

const BEGIN = "# batchbrake: begin"
const END = "# batchbrake: end"
const HINT = "# Put a user or a team behind each, and take the marks away:"
const OWNED = ["/batch-policy.json", `/${HOME}/`, "/.github/workflows/batchbrake-*.yml"]

/** Where the platform looks for the file, in its order: the first one that is there counts, and no other. */
export const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]

/** A user, a team or an address, as CODEOWNERS takes them. */
const OWNER = /^(?:@[A-Za-z0-9][A-Za-z0-9-]*(?:\/[A-Za-z0-9._-]+)?|[^\s@#]+@[^\s@#]+\.[^\s@#]+)$/

export const isOwner = (text: string): boolean => OWNER.test(text)

/** What is owned where the file stands: itself too, and every place from which another one would take its place. */
const ownedFrom = (place: string): ReadonlyArray<string> => [
  ...OWNED,
  ...PLACES.slice(0, PLACES.indexOf(place) + 1).map((path) => `/${path}`)
]

const withoutBreak = (line: string): string => line.replace(/\r$/, "")

/** Pattern and owners of a line; what stands behind a mark is a remark. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  withoutBreak(line)
    .replace(/\s*#.*$/, "")
    .split(/\s+/)
    .filter((word) => word !== "")

const isOf = (line: string, path: string): boolean => wordsOf(line)[0] === path
const isRemarkOf = (line: string, path: string): boolean => withoutBreak(line).trim() === `# ${path}`

/** Each owner once. A user's name means the same in capitals. */
const distinct = (owners: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Map([...owners].reverse().map((owner) => [owner.toLowerCase(), owner])).values()].reverse()

/** A line with more owners; those that are there stay, and so does a remark behind them. */
const withMore = (line: string, owners: ReadonlyArray<string>): string => {
  const there = new Set(wordsOf(line).map((word) => word.toLowerCase()))
  const missing = owners.filter((owner) => !there.has(owner.toLowerCase()))
  if (missing.length === 0) return line
  const behind = /\s*(?:#.*)?\r?$/.exec(line)?.[0] ?? ""
  return `${line.slice(0, line.length - behind.length)} ${missing.join(" ")}${behind}`
}

/** The inside of our block with owners added, in the order in which it stands. */
const inside = (
  lines: ReadonlyArray<string>,
  owned: ReadonlyArray<string>,
  owners: ReadonlyArray<string>,
  lineEnd: string
): ReadonlyArray<string> => {
  const isOwn = (line: string): boolean => owned.some((path) => isOf(line, path))
  const lineOf = (path: string, its: ReadonlyArray<string>): string =>
    `${its.length === 0 ? `# ${path}` : [path, ...its].join(" ")}${lineEnd}`
  // A remark beside the line itself would come to be the later one, which alone counts.
  const isMoot = (line: string): boolean =>
    withoutBreak(line) === HINT ||
    owned.some((path) => isRemarkOf(line, path) && lines.some((other) => isOf(other, path)))
  const kept = lines
    .filter((line) => !isMoot(line))
    .map((line) => {
      const remark = owned.find((path) => isRemarkOf(line, path))
      if (remark !== undefined) return owners.length === 0 ? line : lineOf(remark, owners)
      return isOwn(line) ? withMore(line, owners) : line
    })
  // A path that is new to the block gets who has the others: nobody would be as good as no line.
  const everybody = distinct(kept.filter(isOwn).flatMap((line) => wordsOf(line).slice(1)))
  const stands = (path: string): boolean => lines.some((line) => isOf(line, path) || isRemarkOf(line, path))
  const added = owned.filter((path) => !stands(path)).map((path) => lineOf(path, distinct([...everybody, ...owners])))
  const whole = [...kept, ...added]
  const hasRemarks = whole.some((line) => owned.some((path) => isRemarkOf(line, path)))
  return hasRemarks ? [`${HINT}${lineEnd}`, ...whole] : whole
}

export interface Owned {
  readonly text: string
  /** Whether a line of ours is a remark still: without an owner a pattern would take away the owners that it has. */
  readonly lacksOwners: boolean
}

/**
 * CODEOWNERS with our block, at its end where it is new, since the last pattern that fits counts. Owners are added to
 * those that the block has; what stands outside it is never changed. A failure says what is wrong with the block.
 */
export const withCodeOwners = (
  text: string,
  place: string,
  named: ReadonlyArray<string>
): Result.Result<Owned, string> => {
  const owned = ownedFrom(place)
  const owners = distinct(named)
  const lineEnd = text.includes("\r\n") ? "\r" : ""
  const lines = text.split("\n")
  const placesOf = (mark: string) => lines.flatMap((line, at) => (withoutBreak(line) === mark ? [at] : []))
  const [begins, ends] = [placesOf(BEGIN), placesOf(END)]
  const [begin, end] = [begins[0], ends[0]]
  const ownedBy = (
    block: ReadonlyArray<string>,
    before: ReadonlyArray<string>,
    after: ReadonlyArray<string>
  ): Owned => ({
    lacksOwners: block.some((line) => owned.some((path) => isRemarkOf(line, path))),
    text: [...before, ...block, ...after].join("\n")
  })
  if (begin === undefined && end === undefined) {
    const fresh = [`${BEGIN}${lineEnd}`, ...inside([], owned, owners, lineEnd), `${END}${lineEnd}`]
    const before =
      text === "" ? [] : text.endsWith("\n") ? [...lines.slice(0, -1), lineEnd] : [`${text}${lineEnd}`, lineEnd]
    return Result.succeed(ownedBy(fresh, before, [""]))
  }
  if (begin === undefined || end === undefined || end < begin || begins.length + ends.length > 2) {
    return Result.fail(`expected one line "${BEGIN}" and one "${END}" behind it: put them right, or take both away`)
  }
  const block = inside(lines.slice(begin + 1, end), owned, owners, lineEnd)
  return Result.succeed(ownedBy(block, lines.slice(0, begin + 1), lines.slice(end)))
}
