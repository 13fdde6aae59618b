import { strict as assert } from "node:assert"
import * as OperatingCurve from "@batchbrake/core/forecast/OperatingCurve"
import { describe, it } from "vitest"
import { policyOf } from "./rules.ts"

const curve = (name: string): OperatingCurve.Curve => ({
  name,
  points: [
    { rate: 0, stays: 0 },
    { rate: 0.5, stays: 0.25 },
    { rate: 1, stays: 1 }
  ]
})

const GRID = [0, 20, 40, 60, 80, 100].flatMap((percent) => {
  const [x, y] = [(64 + 5.4 * percent).toFixed(1), (300 - 2.6 * percent).toFixed(1)]
  return [
    `<line class="grid" x1="64" y1="${y}" x2="604" y2="${y}"/>`,
    `<text x="56" y="${(304 - 2.6 * percent).toFixed(1)}" text-anchor="end">${percent} %</text>`,
    `<line class="grid" x1="${x}" y1="40" x2="${x}" y2="300"/>`,
    `<text x="${x}" y="318" text-anchor="middle">${percent} %</text>`
  ]
})

const PATH = 'd="M64.0 300.0 L334.0 235.0 L604.0 40.0"/>'

describe("The picture of the operating characteristic (SPEC.md FO)", () => {
  it("[FO8] of one curve is these lines", () => {
    const style =
      "svg{background:#fff;color:#1f2328;font:13px system-ui,sans-serif}" +
      "text{fill:currentColor}.grid{stroke:currentColor;stroke-opacity:.18}.axis{stroke:currentColor}" +
      ".c0{stroke:#0550ae}.c1{stroke:#953800}.c2{stroke:#116329}.c3{stroke:#6639ba}.c4{stroke:#a40e26}" +
      "@media(prefers-color-scheme:dark){svg{background:#0d1117;color:#e6edf3}" +
      ".c0{stroke:#79c0ff}.c1{stroke:#ffa657}.c2{stroke:#7ee787}.c3{stroke:#d2a8ff}.c4{stroke:#ff7b72}}"
    const about = "Probability that the breaker stays closed over 100 attempts, by true success rate"
    const stroke = 'class="c0" fill="none" stroke-width="2.5" stroke-dasharray="none"'
    assert.deepEqual(OperatingCurve.svg([curve("npm & \u0000more")]).split("\n"), [
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" width="640" height="400" role="img" aria-labelledby="title description">',
      '<title id="title">Operating characteristic</title>',
      `<desc id="description">${about}: npm &#38;  more</desc>`,
      `<style>${style}</style>`,
      '<text x="64" y="22">stays closed over 100 attempts</text>',
      ...GRID,
      '<line class="axis" x1="64" y1="300" x2="604" y2="300"/>',
      '<text x="334" y="336" text-anchor="middle">true success rate</text>',
      `<path ${stroke} ${PATH}`,
      `<line ${stroke} x1="64" y1="358" x2="100" y2="358"/>`,
      '<text x="108" y="362">npm &#38;  more</text>',
      "</svg>",
      ""
    ])
  })

  it("[FO8] of several has two names a line, and goes through the dashes and colours again and again", () => {
    const lines = OperatingCurve.svg([..."abcdefg"].map(curve)).split("\n")
    const names = lines.slice(
      lines.findIndex((line) => line.startsWith("<path")),
      -2
    )
    const dashes = ["none", "8 4", "2 4", "12 4 2 4", "4 4"]
    assert.deepEqual(
      names,
      [..."abcdefg"].flatMap((name, index) => {
        const stroke = `class="c${index % 5}" fill="none" stroke-width="2.5" stroke-dasharray="${dashes[index % 5]}"`
        const [column, row] = [index % 2 === 0 ? 64 : 344, [362, 382, 402, 422][Math.floor(index / 2)] ?? 0]
        return [
          `<path ${stroke} ${PATH}`,
          `<line ${stroke} x1="${column}" y1="${row - 4}" x2="${column + 36}" y2="${row - 4}"/>`,
          `<text x="${column + 44}" y="${row}">${name}</text>`
        ]
      })
    )
    const heightOf = (count: number): string | undefined =>
      /viewBox="0 0 640 (\d+)" width="640" height="\1"/.exec(OperatingCurve.svg(Array(count).fill(curve("a"))))?.[1]
    assert.deepEqual([0, 1, 2, 3, 4, 5, 7].map(heightOf), ["400", "400", "400", "420", "420", "440", "460"])
  })

  it("[FO8] cuts a name at a character, where more of it would not fit", () => {
    const shownOf = (name: string, more: ReadonlyArray<string>): string | undefined =>
      />([^<]*)<\/text>\n/.exec(OperatingCurve.svg([name, ...more].map(curve)).split("<path")[1] ?? "")?.[1]
    const face = "\u{1f600}"
    assert.equal(shownOf(face.repeat(32), ["b"]), face.repeat(32))
    assert.equal(shownOf(face.repeat(33), ["b"]), `${face.repeat(31)}…`)
    assert.equal(shownOf(face.repeat(72), []), face.repeat(72))
    assert.equal(shownOf(face.repeat(73), []), `${face.repeat(71)}…`)
    assert.equal(shownOf("\ud800\ufffe\uffff<>\"'", []), "   &#60;&#62;&#34;&#39;")
  })

  it("[FO8] has 26 rates from 0 to 1", () => {
    const { name, points } = OperatingCurve.of("npm", policyOf({}))
    assert.equal(name, "npm")
    assert.deepEqual(
      points.map(({ rate }) => rate),
      Array.from({ length: 26 }, (_, index) => index / 25)
    )
  })
})
