/**
 * A program in the place of `gh`: what the workflows ask of it, on a real bare repository. Pull requests, statuses and
 * labels stand in a file. As the platform does with a required check, it lands nothing whose head has no
 * green status, and it lands only the head that it was told.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"

export interface Pull {
  number: number
  url: string
  title: string
  body: string
  headRefName: string
  baseRefName: string
  labels: Array<string>
  state: string
  isCrossRepository: boolean
  /** Where its branch stands in another repository. */
  headOid?: string
  auto: boolean
  mergeCommit: { oid: string } | null
}
export interface ForgeState {
  pulls: Array<Pull>
  statuses: Record<string, { state: string; context: string; description: string }>
  comments: Array<{ id: number; number: number; body: string; login: string }>
  /** Whether a review that is required is missing. */
  unreviewed: boolean
  labels: Array<string>
  calls: Array<Array<string>>
}

export const EMPTY: ForgeState = {
  calls: [],
  comments: [],
  labels: [],
  pulls: [],
  statuses: {},
  unreviewed: false
}

const file = process.env.STAND_IN_STATE ?? ""
const remote = process.env.STAND_IN_REMOTE ?? ""

const git = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim()

const fail = (text: string): never => {
  process.stderr.write(`gh: ${text}\n`)
  process.exit(1)
}

const headOf = ({ headOid, headRefName }: Pull): string =>
  headOid ?? git(remote, "rev-parse", `refs/heads/${headRefName}`)

const print = (value: unknown, query: unknown): void => {
  const text = JSON.stringify(value)
  process.stdout.write(
    typeof query === "string" ? execFileSync("jq", ["-r", query], { encoding: "utf8", input: text }) : `${text}\n`
  )
}

const OPTIONS = {
  "add-label": { type: "string" },
  base: { type: "string" },
  body: { type: "string" },
  "body-file": { type: "string" },
  color: { type: "string" },
  description: { type: "string" },
  "disable-auto": { type: "boolean" },
  field: { multiple: true, short: "f", type: "string" },
  force: { type: "boolean" },
  head: { type: "string" },
  jq: { type: "string" },
  json: { type: "string" },
  label: { type: "string" },
  limit: { type: "string" },
  "match-head-commit": { type: "string" },
  merge: { type: "boolean" },
  paginate: { type: "boolean" },
  method: { type: "string" },
  rebase: { type: "boolean" },
  silent: { type: "boolean" },
  squash: { type: "boolean" },
  state: { type: "string" },
  title: { type: "string" },
  typed: { multiple: true, short: "F", type: "string" }
} as const

const land = (pull: Pull, way: "merge" | "rebase" | "squash"): void => {
  const place = mkdtempSync(join(tmpdir(), "landing-"))
  const person = ["-c", "user.name=forge", "-c", "user.email=forge@example.com"]
  git(place, "clone", "-q", "--branch", pull.baseRefName, `file://${remote}`, "clone")
  const clone = join(place, "clone")
  const head = `origin/${pull.headRefName}`
  const title = `${pull.title} (#${pull.number})`
  if (way === "merge") git(clone, ...person, "merge", "-q", "--no-ff", "-m", title, head)
  else if (way === "rebase") git(clone, ...person, "cherry-pick", `${pull.baseRefName}..${head}`)
  else {
    git(clone, ...person, "merge", "-q", "--squash", head)
    git(clone, ...person, "commit", "-q", "-m", title)
  }
  git(clone, "push", "-q", "origin", `HEAD:${pull.baseRefName}`)
  pull.mergeCommit = { oid: git(clone, "rev-parse", "HEAD") }
  pull.state = "MERGED"
  rmSync(place, { force: true, recursive: true })
}

interface Sent {
  readonly jq?: string | undefined
  readonly method?: string | undefined
  readonly typed?: ReadonlyArray<string> | undefined
}

/** Comments of a pull request: read, written by the workflow's token, or changed by their number. */
const comment = ({ comments }: ForgeState, path: string, { jq, method, typed = [] }: Sent): void => {
  const [number, id] = [/\/issues\/(\d+)\/comments$/, /\/issues\/comments\/(\d+)$/].map(
    (shape) => shape.exec(path)?.[1]
  )
  if (method === undefined) {
    const own = comments.filter((one) => String(one.number) === number)
    print(
      own.map((one) => ({ ...one, user: { login: one.login } })),
      jq
    )
    return
  }
  const [file = ""] = typed.map((field) => field.replace(/^body=@/, ""))
  const body = readFileSync(file, "utf8")
  const found = comments.find((one) => String(one.id) === id)
  if (method === "PATCH" && found !== undefined) found.body = body
  else if (method === "POST" && number !== undefined) {
    comments.push({ body, id: comments.length + 1, login: "github-actions[bot]", number: Number(number) })
  } else fail(`unknown: ${method} ${path}`)
}

/** What each call needs of the token that it is made with; reading is free. */
const NEEDS: ReadonlyArray<readonly [RegExp, ReadonlyArray<string>]> = [
  [/^api .*statuses/, ["statuses"]],
  [/^api .*--method.*comments|^pr create/, ["pull-requests"]],
  [/^pr merge/, ["contents", "pull-requests"]]
]

/** Ends with what is missing, as the platform does for a token that may not do what is asked. */
const demandRights = (args: ReadonlyArray<string>): void => {
  const line = args.join(" ")
  const rights = Object(JSON.parse(process.env.STAND_IN_RIGHTS ?? "{}"))[process.env.GH_TOKEN ?? ""]
  if (rights === undefined) fail("no token that is known here")
  for (const right of NEEDS.flatMap(([call, names]) => (call.test(line) ? names : []))) {
    if (rights[right] !== "write") fail(`HTTP 403: Resource not accessible by this token (${right}=write)`)
  }
}

const run = (state: ForgeState, args: ReadonlyArray<string>): void => {
  const { positionals, values } = parseArgs({ allowPositionals: true, args: [...args], options: OPTIONS })
  const [group = "", verb = "", name = ""] = positionals
  const body = values["body-file"] === undefined ? (values.body ?? "") : readFileSync(values["body-file"], "utf8")
  const find = (): Pull =>
    state.pulls.find(({ number, url }) => name === url || name === String(number)) ?? fail(`no ${name}`)
  switch (`${group} ${verb}`) {
    case "label create":
      state.labels.push(name)
      return
    case "pr create": {
      if (values.label !== undefined && !state.labels.includes(values.label)) fail(`no label ${values.label}`)
      const number = state.pulls.length + 1
      const url = `https://github.example/octo/registry/pull/${number}`
      state.pulls.push({
        auto: false,
        baseRefName: values.base ?? "",
        body,
        headRefName: values.head ?? "",
        isCrossRepository: false,
        labels: [values.label ?? []].flat(),
        mergeCommit: null,
        number,
        state: "OPEN",
        title: values.title ?? "",
        url
      })
      process.stdout.write(`${url}\n`)
      return
    }
    case "pr list":
      print(
        state.pulls
          .filter((pull) => pull.state === "OPEN")
          .filter(({ headRefName }) => values.head === undefined || values.head === headRefName)
          .filter(({ labels }) => values.label === undefined || labels.includes(values.label))
          .map((pull) => ({ ...pull, headRefOid: headOf(pull) })),
        values.jq
      )
      return
    case "pr view":
      print(find(), values.jq)
      return
    case "pr merge": {
      const pull = find()
      if (values["disable-auto"] === true) {
        pull.auto = false
        return
      }
      const head = headOf(pull)
      if (values["match-head-commit"] !== head) fail("the head moved")
      if (state.unreviewed) fail("a review is missing")
      if (state.statuses[head]?.state !== "success") fail("the required check is not green")
      land(pull, values.squash === true ? "squash" : values.rebase === true ? "rebase" : "merge")
      return
    }
    default: {
      if (group === "api" && verb.startsWith("repos/octo/registry/issues/")) {
        comment(state, verb, values)
        return
      }
      if (group !== "api" || !/^repos\/octo\/registry\/statuses\/[0-9a-f]{40}$/.test(verb))
        fail(`unknown: ${args.join(" ")}`)
      const fields = Object.fromEntries((values.field ?? []).map((field) => field.split(/=(.*)/s)))
      state.statuses[verb.slice(-40)] = {
        context: fields.context ?? "",
        description: fields.description ?? "",
        state: fields.state ?? ""
      }
    }
  }
}

if (file !== "") {
  const state: ForgeState = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : structuredClone(EMPTY)
  const args = process.argv.slice(2)
  state.calls.push(args)
  if ((process.env.GH_TOKEN ?? "") === "") fail("no token")
  demandRights(args)
  run(state, args)
  writeFileSync(file, JSON.stringify(state))
}
