/** `init --github`: the files, the owners, and what only a person can click. */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isOwner, PLACES, withCodeOwners } from "../workflows/codeOwners.ts"
import { InputUnusable } from "./Failure.ts"
import { type Given, refuse } from "./Given.ts"
import { reasonOf } from "./input.ts"
import { policyPathOf } from "./Setting.ts"
import type { Report } from "./Verb.ts"
import type { World } from "./World.ts"
import { writeWhole } from "./workflowFiles.ts"
import { writeWorkflows } from "./writeWorkflows.ts"

/** Bytes that are none would come back as others. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The file that counts, with our lines; nothing is written yet. */
const codeOwnersWith = Effect.fn("codeOwnersWith")(function* (top: string, owners: ReadonlyArray<string>) {
  const place = PLACES.find((path) => existsSync(join(top, path))) ?? PLACES[0] ?? ""
  const path = join(top, place)
  const before = yield* Effect.tryPromise({
    catch: (cause) => new InputUnusable({ code: "input-unreadable", message: `${path}: ${reasonOf(cause)}`, path }),
    try: async () => (existsSync(path) ? UTF_8.decode(await readFile(path)) : "")
  })
  const owned = withCodeOwners(before, place, owners)
  if (Result.isFailure(owned)) {
    return yield* new InputUnusable({ code: "input-unreadable", message: `${path}: ${owned.failure}`, path })
  }
  return { ...owned.success, changed: owned.success.text !== before, path, place }
})

/** Nothing of this can be done with a file. */
const settingsToClick = (directory: string, contentBranch: string): ReadonlyArray<string> => [
  'Actions, General: tick "Allow GitHub Actions to create and approve pull requests"; workflow permissions stay at read',
  "General, Pull Requests: allow the way of merging that workflows.json names",
  `Rules, Rulesets, Import a ruleset: ${directory}/batchbrake/rulesets/content-branch.json (${contentBranch}: pull requests, the check "batchbrake", the owners' consent)`,
  `Rules, Rulesets, Import a ruleset: ${directory}/batchbrake/rulesets/control-branch.json (the log is only added to)`,
  "Secrets and variables, Actions: a secret BATCHBRAKE_TOKEN, a fine-grained token for this repository alone with Contents and Pull requests to read and write; without it nothing that a batch's pull request would start is started"
]

/** Adds to what `init` did; safe to repeat. */
export const withGitHub = Effect.fn("withGitHub")(function* (given: Given, world: World, begun: Report) {
  const owners = given.texts("owner")
  const odd = owners.find((owner) => !isOwner(owner))
  if (odd !== undefined) {
    return yield* refuse(`--owner: found ${JSON.stringify(odd)}, expected @user, @organisation/team or an address`)
  }
  const top = dirname(policyPathOf(given, world))
  const codeOwners = yield* codeOwnersWith(top, owners)
  const { because, contentBranch, directory, surplus, written } = yield* writeWorkflows(given, world)
  if (codeOwners.changed) yield* writeWhole(codeOwners.path, codeOwners.text)
  const shown = relative(top, directory) || "."
  const click = settingsToClick(shown, contentBranch)
  const report: Report = {
    ...begun,
    json: {
      ...begun.json,
      code_owners: codeOwners.place,
      content_branch: contentBranch,
      directory,
      settings: click,
      surplus,
      written
    },
    text: [
      ...begun.text,
      ...written.map((path) => `wrote ${shown}/${path}`),
      ...surplus.map((path) => `${shown}/${path} is no workflow of this version: take it away`),
      `${codeOwners.changed ? "added to" : "kept"} ${codeOwners.place}${
        codeOwners.lacksOwners ? ": no owner was named with --owner, so its lines are remarks" : ""
      }`,
      `batches land on ${contentBranch}: ${because}`,
      "",
      `next: write ${shown}/batchbrake/batch.sh, commit all of it to ${contentBranch}, and in the repository's settings:`,
      ...click.map((line, place) => `  ${place + 1}. ${line}`)
    ]
  }
  return report
})
