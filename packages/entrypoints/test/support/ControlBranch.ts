/** The control branch as somebody with git and an editor sees it. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Json, Workshop } from "./Workshop.ts"

const REFERENCES = { local: "refs/batchbrake/batch-control", remote: "refs/heads/batch-control" } as const
export type Where = keyof typeof REFERENCES

const gitOf =
  ({ clone, git, remote }: Pick<Workshop, "clone" | "git" | "remote">, where: Where) =>
  (...args: ReadonlyArray<string>): string =>
    git(where === "remote" ? remote : clone, ...args)

/** The control file's text, and the commit that holds it. */
export const controlText = (workshop: Workshop, where: Where = "remote"): string =>
  gitOf(workshop, where)("cat-file", "blob", `${REFERENCES[where]}:batch-control.json`)

export const tip = (workshop: Workshop, where: Where = "remote"): string =>
  gitOf(workshop, where)("rev-parse", REFERENCES[where])

/** Commits another text as the control file, by hand: no trailer, no event. */
export const commitByHand = (workshop: Workshop, text: string | Uint8Array, where: Where = "remote"): void => {
  const git = gitOf(workshop, where)
  const draft = join(workshop.directory, "draft.json")
  writeFileSync(draft, text)
  const blob = git("hash-object", "-w", "--no-filters", draft)
  const entries = git("ls-tree", REFERENCES[where])
    .split("\n")
    .map((line) => (line.endsWith("\tbatch-control.json") ? `100644 blob ${blob}\tbatch-control.json` : line))
  const tree = execFileSync("git", ["mktree"], {
    cwd: where === "remote" ? workshop.remote : workshop.clone,
    encoding: "utf8",
    env: workshop.environment,
    input: `${entries.join("\n")}\n`
  }).trim()
  const commit = git("commit-tree", tree, "-p", REFERENCES[where], "-m", "Edit the control file")
  git("update-ref", REFERENCES[where], commit)
}

/** Edits the control file by hand. */
export const editByHand = (workshop: Workshop, edit: (control: Json) => void, where: Where = "remote"): void => {
  const control: Json = JSON.parse(controlText(workshop, where))
  edit(control)
  commitByHand(workshop, `${JSON.stringify(control, null, 2)}\n`, where)
}

/** The payloads of every event on the branch, oldest first. */
export const eventsOn = (
  workshop: Pick<Workshop, "clone" | "git" | "remote">,
  where: Where = "remote"
): ReadonlyArray<Json> =>
  gitOf(workshop, where)("log", "--reverse", "--format=%B", REFERENCES[where])
    .split("\n")
    .flatMap((line) => (line.startsWith("Batchbrake-Payload: ") ? [JSON.parse(line.slice(20))] : []))
