/** Issues that verbs keep: which forge, which label, and what is said of them. The forge is loaded where it is asked. */
import type { JsonObject } from "@batchbrake/core/json/Json"
import type { Forge } from "@batchbrake/core/port/Forge"
import type { Kept, KeptIssues } from "@batchbrake/core/program/keepIssues"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { errorOf, type InputUnusable } from "./Failure.ts"
import { type Given, refuse } from "./Given.ts"
import type { Option } from "./Option.ts"
import type { Line } from "./Page.ts"
import type { World } from "./World.ts"

const DEFAULT_LABEL = "batchbrake-alert"
const LONGEST_LABEL = 50

export const issueOptions: Readonly<Record<string, Option>> = {
  issues: {
    help: "keep an issue open for each that stands: GITHUB_TOKEN or GH_TOKEN",
    type: "boolean"
  },
  label: {
    help: `the label of the issues (default: ${DEFAULT_LABEL})`,
    type: "string",
    value: "NAME"
  }
}
export const ISSUE_USAGE = "[--issues] [--label NAME]"

/** A comma would be two labels to the forge. */
const labelOf = Effect.fn("labelOf")(function* (given: Given) {
  const label = given.text("label") ?? DEFAULT_LABEL
  if (/^[^\p{C}\p{Zl}\p{Zp},]+$/u.test(label) && label.trim() === label && [...label].length <= LONGEST_LABEL)
    return label
  return yield* refuse(
    `--label: found ${JSON.stringify(label)}, expected 1 to ${LONGEST_LABEL} characters on one line, no comma, no space at the ends`
  )
})

/** Where issues are kept. */
export interface Issues {
  readonly forge: Layer.Layer<Forge>
  readonly label: string
}

/** Where issues are to be kept; `undefined` where that is not asked for. What is missing for it is said before any look. */
export const issuesOf = (given: Given, world: World): Effect.Effect<Issues | undefined, InputUnusable> =>
  Effect.gen(function* () {
    if (!given.flag("issues")) {
      return given.text("label") === undefined ? undefined : yield* refuse("--label goes with --issues")
    }
    if (given.flag("local")) return yield* refuse("--local has no forge: leave --issues out")
    const label = yield* labelOf(given)
    const { forgeOf } = yield* Effect.promise(() => import("./forge.ts"))
    return { forge: yield* forgeOf(given, world, "issues need a token with issues: write"), label }
  })

const COLOURS = { closed: "green", opened: "red", reopened: "red", updated: "yellow" } as const

const shown = ({ action, alert, issue }: Kept): ReadonlyArray<Line> =>
  action === "unchanged"
    ? []
    : [{ colour: COLOURS[action], text: `issue ${action}: ${issue.address} (${alert.condition} ${alert.subject})` }]

type Done = Pick<KeptIssues, "failure" | "issues">

/** `issues`, and `error` where the forge did not take them all. */
export const issuesJson = ({ failure, issues }: Done): JsonObject => ({
  issues: issues.map(({ action, alert, issue }) => ({
    number: issue.number,
    address: issue.address,
    action,
    condition: alert.condition,
    subject: alert.subject
  })),
  ...(failure === undefined ? {} : { error: { ...errorOf(failure) } })
})

export const issuesText = ({ failure, issues }: Done): ReadonlyArray<Line> => [
  ...issues.flatMap(shown),
  ...(failure === undefined
    ? []
    : [{ colour: "red" as const, text: `the issues are not as they should be: ${errorOf(failure).message}` }])
]
