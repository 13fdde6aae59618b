/**
 * The operating characteristic of a breaker: for each true success rate the probability that it stays closed over 100
 * attempts, its window full. The picture that acceptance sampling judges a plan by (E. L. Grant, "Statistical Quality Control", 1946).
 */
import * as FirstTrip from "./FirstTrip.ts"
import type { Rule } from "./OutcomeChain.ts"
import { steadyWithin } from "./RunLength.ts"

export interface Curve {
  readonly name: string
  /** By rate, ascending: the probability of no trip within 100 attempts in the long run, from a full window. */
  readonly points: ReadonlyArray<{ readonly rate: number; readonly stays: number }>
}

const ATTEMPTS = 100
const STEPS = 25

/** The curve of one rule at 26 rates from 0 to 1; of a large window the estimate. */
export const of = (name: string, rule: Rule, trip: FirstTrip.FirstTrip = FirstTrip.of(rule)): Curve => {
  return {
    name,
    points: Array.from({ length: STEPS + 1 }, (_, index) => {
      const rate = index / STEPS
      return { rate, stays: 1 - Math.min(1, steadyWithin(trip.fromEmpty(rate).estimate, ATTEMPTS)) }
    })
  }
}

/** Text for XML: nothing in a name can open a tag, end an attribute or be a character that XML forbids. */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, " ").replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const [WIDTH, HEIGHT, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT] = [640, 400, 64, 40, 540, 260]
const DASHES = ["", "8 4", "2 4", "12 4 2 4", "4 4"]

const x = (rate: number): string => (LEFT + rate * PLOT_WIDTH).toFixed(1)
const y = (stays: number): string => (TOP + (1 - stays) * PLOT_HEIGHT).toFixed(1)

const STYLE = [
  "svg{background:#fff;color:#1f2328;font:13px system-ui,sans-serif}",
  "text{fill:currentColor}.grid{stroke:currentColor;stroke-opacity:.18}.axis{stroke:currentColor}",
  ".c0{stroke:#0550ae}.c1{stroke:#953800}.c2{stroke:#116329}.c3{stroke:#6639ba}.c4{stroke:#a40e26}",
  "@media(prefers-color-scheme:dark){svg{background:#0d1117;color:#e6edf3}",
  ".c0{stroke:#79c0ff}.c1{stroke:#ffa657}.c2{stroke:#7ee787}.c3{stroke:#d2a8ff}.c4{stroke:#ff7b72}}"
].join("")

const percent = (part: number): string => `${Math.round(part * 100)} %`

const grid = (): ReadonlyArray<string> =>
  [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((part) => [
    `<line class="grid" x1="${LEFT}" y1="${y(part)}" x2="${LEFT + PLOT_WIDTH}" y2="${y(part)}"/>`,
    `<text x="${LEFT - 8}" y="${(Number(y(part)) + 4).toFixed(1)}" text-anchor="end">${percent(part)}</text>`,
    `<line class="grid" x1="${x(part)}" y1="${TOP}" x2="${x(part)}" y2="${TOP + PLOT_HEIGHT}"/>`,
    `<text x="${x(part)}" y="${TOP + PLOT_HEIGHT + 18}" text-anchor="middle">${percent(part)}</text>`
  ])

/** Characters of a name that fit beside another, and alone on a line; the description has all of it. */
const [SHORT, LONG] = [32, 72]

const shortened = (name: string, most: number): string => {
  const characters = [...name]
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : name
}

/** Curves are told apart by dashes as well as by colour. */
const drawn = ({ name, points }: Curve, index: number, { length }: ReadonlyArray<Curve>): ReadonlyArray<string> => {
  const dashes = DASHES[index % DASHES.length] ?? ""
  const stroke = `class="c${index % DASHES.length}" fill="none" stroke-width="2.5" stroke-dasharray="${dashes || "none"}"`
  const path = points.map(({ rate, stays }, place) => `${place === 0 ? "M" : "L"}${x(rate)} ${y(stays)}`).join(" ")
  const [column, row] = [LEFT + (index % 2) * 280, TOP + PLOT_HEIGHT + 62 + Math.floor(index / 2) * 20]
  return [
    `<path ${stroke} d="${path}"/>`,
    `<line ${stroke} x1="${column}" y1="${row - 4}" x2="${column + 36}" y2="${row - 4}"/>`,
    `<text x="${column + 44}" y="${row}">${escaped(shortened(name, length > 1 ? SHORT : LONG))}</text>`
  ]
}

/** The curves as an SVG file: one picture, readable on light and on dark ground. */
export const svg = (curves: ReadonlyArray<Curve>): string => {
  const height = HEIGHT + Math.max(0, Math.ceil(curves.length / 2) - 1) * 20
  const names = escaped(curves.map(({ name }) => name).join(", "))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">`,
    '<title id="title">Operating characteristic</title>',
    `<desc id="description">Probability that the breaker stays closed over ${ATTEMPTS} attempts, by true success rate: ${names}</desc>`,
    `<style>${STYLE}</style>`,
    `<text x="${LEFT}" y="22">stays closed over ${ATTEMPTS} attempts</text>`,
    ...grid(),
    `<line class="axis" x1="${LEFT}" y1="${TOP + PLOT_HEIGHT}" x2="${LEFT + PLOT_WIDTH}" y2="${TOP + PLOT_HEIGHT}"/>`,
    `<text x="${LEFT + PLOT_WIDTH / 2}" y="${TOP + PLOT_HEIGHT + 36}" text-anchor="middle">true success rate</text>`,
    ...curves.flatMap(drawn),
    "</svg>"
  ].join("\n")}\n`
}
