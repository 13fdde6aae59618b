import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import * as Sha256 from "@batchbrake/core/hash/Sha256"
import * as fc from "fast-check"
import { describe, it } from "vitest"

const platform = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex")

describe("Sha256 (SPEC.md HA)", () => {
  // FIPS 180-4 examples, and NIST's million times "a".
  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ],
    [
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"]
  ])("[HA1] the digest of the published vector %.20s is the published one", (text, digest) => {
    assert.equal(Sha256.hex(text), digest)
  })

  it("[HA1] the digest is the platform's at every length around the ends of blocks", () => {
    for (let length = 0; length < 260; length++) {
      const text = "x".repeat(length)
      assert.equal(Sha256.hex(text), platform(text))
    }
  })

  it("[HA1] the digest is the platform's on both sides of where characters take a byte more, and of the surrogates", () => {
    for (const edge of [0x80, 0x800, 0xd800, 0xdc00, 0xe000, 0x1_0000]) {
      for (const point of [edge - 1, edge, edge + 1]) {
        const text = String.fromCodePoint(point)
        assert.equal(Sha256.hex(text), platform(text))
      }
    }
  })

  it("[HA1] the digest is the platform's for texts of any script, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), (text) => {
        assert.equal(Sha256.hex(text), platform(text))
      }),
      { numRuns: 300 }
    )
    const unit = fc.integer({ max: 0xffff, min: 0 }).map((code) => String.fromCharCode(code))
    const surrogate = fc.integer({ max: 0xdfff, min: 0xd800 }).map((code) => String.fromCharCode(code))
    fc.assert(
      fc.property(fc.array(fc.oneof(unit, surrogate), { maxLength: 80 }), (units) => {
        assert.equal(Sha256.hex(units.join("")), platform(units.join("")))
      }),
      { numRuns: 300 }
    )
  })
})
