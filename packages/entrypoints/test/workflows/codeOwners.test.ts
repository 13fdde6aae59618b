import { strict as assert } from "node:assert"
import { isOwner, type Owned, PLACES, withCodeOwners } from "@batchbrake/entrypoints/workflows/codeOwners"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const BEGIN = "# batchbrake: begin"
const END = "# batchbrake: end"
const OWNED = ["/batch-policy.json", "/.github/batchbrake/", "/.github/workflows/batchbrake-*.yml"]

const done = (text: string, place: string, owners: ReadonlyArray<string>): Owned =>
  Result.getOrThrowWith(withCodeOwners(text, place, owners), (message) => new Error(message))

const linesOf = (text: string): ReadonlyArray<string> => text.split(/\r?\n/)
/** The owners that the platform would find for a path: of the last line that names it. */
const ownersOf = (text: string, path: string): ReadonlyArray<string> | undefined =>
  linesOf(text)
    .map((line) => line.replace(/#.*/, "").split(/\s+/).filter(Boolean))
    .findLast(([first]) => first === path)
    ?.slice(1)
const around = (text: string): readonly [string, string] => [
  text.slice(0, text.indexOf(BEGIN)),
  text.slice(text.indexOf(END))
]

const owner = fc.constantFrom("@a", "@A", "@octo/brakes", "ops@example.com", "@b")
const owners = fc.array(owner, { maxLength: 3 })
const place = fc.constantFrom(...PLACES)
const outside = fc
  .array(
    fc.constantFrom("* @somebody", "/docs/ @writers # theirs", "", "# a remark", "/batch-policy.json @mallory", "  x")
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(""))
const insideLine = fc.oneof(
  fc
    .tuple(fc.constantFrom(...OWNED, "/CODEOWNERS"), owners, fc.constantFrom("", "  # why"))
    .map(([path, its, remark]) => `${[path, ...its].join("  ")}${remark}`),
  fc.constantFrom(...OWNED).map((path) => `# ${path}`),
  fc.constantFrom("# a word of theirs", "/secrets/ @vault", "")
)
const block = fc.array(insideLine, { maxLength: 6 }).map((lines) => [BEGIN, ...lines, END, ""].join("\n"))
const file = fc
  .tuple(outside, fc.option(block, { nil: "" }), outside, fc.boolean())
  .map(([before, own, after, isWindows]) => {
    const text = before + own + after
    return isWindows ? text.replaceAll("\n", "\r\n") : text
  })

describe("CODEOWNERS (SPEC.md LI)", () => {
  it("[LI9] the same owners again change nothing, and no text outside the block is ever changed", () => {
    fc.assert(
      fc.property(file, place, owners, (text, place, owners) => {
        const once = done(text, place, owners)
        assert.deepEqual(done(once.text, place, owners), once)
        assert.deepEqual(done(once.text, place, []), once)
        if (text.includes(BEGIN)) assert.deepEqual(around(once.text), around(text))
        else assert.ok(once.text.startsWith(text))
        assert.equal(once.text.includes("\r\n"), text.includes("\r\n"))
        for (const line of linesOf(text)) {
          const ours = [...OWNED, ...PLACES.map((path) => `/${path}`)].some((path) =>
            line.replace("# ", "").startsWith(path)
          )
          if (!ours && !line.startsWith("# Put a user")) assert.ok(linesOf(once.text).includes(line), line)
        }
      })
    )
  })

  it("[LI8] [LI9] who owned stays, who is named owns all of it, and nothing of ours is without a line", () => {
    fc.assert(
      fc.property(fc.option(block, { nil: "" }), place, owners, (text, place, named) => {
        const { lacksOwners, text: after } = done(text, place, named)
        const paths = [...OWNED, ...PLACES.slice(0, PLACES.indexOf(place) + 1).map((path) => `/${path}`)]
        for (const path of paths) {
          const [was, is] = [ownersOf(text, path) ?? [], ownersOf(after, path)]
          const wanted = [...was, ...named].map((name) => name.toLowerCase())
          const has = (is ?? []).map((name) => name.toLowerCase())
          assert.ok(
            wanted.every((name) => has.includes(name)),
            path
          )
          if (is === undefined) assert.ok(lacksOwners && linesOf(after).includes(`# ${path}`), path)
        }
        if (named.length > 0) assert.ok(!lacksOwners)
      })
    )
  })

  it("[LI8] where it stands it owns itself and what would take its place, and nothing behind it", () => {
    const paths = (place: string) => linesOf(done("", place, ["@a"]).text).filter((line) => line.includes("CODEOWNERS"))
    assert.deepEqual(paths(".github/CODEOWNERS"), ["/.github/CODEOWNERS @a"])
    assert.deepEqual(paths("CODEOWNERS"), ["/.github/CODEOWNERS @a", "/CODEOWNERS @a"])
    assert.deepEqual(paths("docs/CODEOWNERS"), ["/.github/CODEOWNERS @a", "/CODEOWNERS @a", "/docs/CODEOWNERS @a"])
  })

  it("[LI9] owners take the place of remarks, join those who are there, and get what an older block lacks", () => {
    const bare = done("* @x\n", ".github/CODEOWNERS", [])
    assert.ok(bare.lacksOwners)
    assert.equal(done(bare.text, ".github/CODEOWNERS", ["@a"]).text, done("* @x\n", ".github/CODEOWNERS", ["@a"]).text)
    const older = [BEGIN, ...OWNED.map((path) => `${path} @a # why`), END, ""].join("\n")
    assert.equal(
      done(older, "CODEOWNERS", ["@A", "@b"]).text,
      [
        BEGIN,
        ...OWNED.map((path) => `${path} @a @b # why`),
        "/.github/CODEOWNERS @a @b",
        "/CODEOWNERS @a @b",
        END,
        ""
      ].join("\n")
    )
  })

  it("[LI9] a block that is not whole is refused", () => {
    for (const text of [`${BEGIN}\n`, `${END}\n`, `${END}\n${BEGIN}\n`, `${BEGIN}\n${END}\n${BEGIN}\n${END}\n`]) {
      assert.ok(Result.isFailure(withCodeOwners(text, "CODEOWNERS", ["@a"])), text)
    }
  })

  it("[WF21] an owner is a user, a team or an address", () => {
    for (const good of ["@a", "@octo/brakes", "a@example.com"]) assert.ok(isOwner(good))
    for (const bad of ["a", "@", "@a b", "@a\n* @evil", "@a/b/c", "#"]) assert.ok(!isOwner(bad), bad)
  })
})
