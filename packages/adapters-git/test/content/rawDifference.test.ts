import { strict as assert } from "node:assert"
import { describe, it } from "vitest"
import { freeName, numberOf } from "../../src/internal/content/branchNames.ts"
import { openParser, type RawChange } from "../../src/internal/content/RawDifference.ts"

const [ONE, TWO, NONE] = ["1".repeat(40), "2".repeat(40), "0".repeat(40)]
const OUTPUT = Buffer.concat([
  Buffer.from(`${TWO}\0:000000 100644 ${NONE} ${ONE} A\0a b\n:c\0:100644 120000 ${ONE} ${TWO} T\0`, "latin1"),
  Buffer.from("ü", "utf8"),
  Buffer.from(`\0${ONE}\0:160000 000000 ${ONE} ${NONE} D\0module\0:100755 000000 ${ONE} ${NONE} D\0`, "latin1"),
  Buffer.from([0x22, 0xff, 0x5c, 0x0a, 0])
])
const EXPECTED: ReadonlyArray<readonly [string, RawChange]> = [
  [TWO, { after: { blob: ONE, mode: "100644" }, before: undefined, isPlain: true, path: "a b\n:c" }],
  [TWO, { after: { blob: TWO, mode: "120000" }, before: { blob: ONE, mode: "100644" }, isPlain: true, path: "ü" }],
  [ONE, { after: undefined, before: { blob: ONE, mode: "160000" }, isPlain: false, path: "module" }],
  [ONE, { after: undefined, before: { blob: ONE, mode: "100755" }, isPlain: false, path: '"\\042\\377\\134\\012"' }]
]

describe("A difference as git writes it", () => {
  it("is read the same wherever it is cut into pieces", () => {
    for (let size = 1; size <= OUTPUT.length; size++) {
      const found: Array<readonly [string, RawChange]> = []
      const parse = openParser((commit, change) => found.push([commit, change]) > 0)
      for (let at = 0; at < OUTPUT.length; at += size) assert.ok(parse(OUTPUT.subarray(at, at + size)))
      assert.deepEqual(found, EXPECTED)
    }
  })

  it("is read no further than it is wanted", () => {
    let count = 0
    const parse = openParser(() => ++count < 2)
    assert.equal(parse(OUTPUT), false)
    assert.equal(count, 2)
  })
})

describe("The row of a branch's names", () => {
  it("begins with the name itself and goes on with -2", () => {
    const numbers = ["a/b", "a/b-2", "a/b-10", "a/b-1", "a/b-02", "a/b-x", "a/b-2-3", "a/bc", "a"]
    assert.deepEqual(
      numbers.map((name) => numberOf("a/b", name)),
      [1, 2, 10, undefined, undefined, undefined, undefined, undefined, undefined]
    )
  })

  it("has its first free name where nothing stands at it or below it", () => {
    assert.equal(freeName("a/b", []), "a/b")
    assert.equal(freeName("a/b", ["a/bc", "a/b-2", "x"]), "a/b")
    assert.equal(freeName("a/b", ["a/b", "a/b-2/c", "a/b-4"]), "a/b-3")
  })
})
