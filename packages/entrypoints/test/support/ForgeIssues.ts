/** Issues on the forge of the tests: listed, opened and changed, by whoever may. */
import type { Json } from "./Workshop.ts"

interface Issue {
  readonly number: number
  readonly html_url: string
  readonly labels: ReadonlyArray<{ readonly name: string }>
  readonly title: string
  readonly body: string
  readonly state: "open" | "closed"
}

/** What a token may do, as a job names it: `{ issues: "write" }`. */
export type Rights = Readonly<Record<string, string>>

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Json
  /** `undefined`: everything. */
  readonly rights: Rights | undefined
}

export interface ForgeIssues {
  readonly all: () => ReadonlyArray<Issue>
  /** What people do at an issue, or with one of their own. */
  readonly put: (issue: Partial<Issue> & Pick<Issue, "number">) => void
  /** The answer to a request; `undefined`: it is about something else. */
  readonly answer: (asked: Asked) => { readonly status: number; readonly body: unknown } | undefined
}

const PLACE = "/repos/octo/registry/issues"
const LABELS = "/repos/octo/registry/labels"
const NOT_FOUND = { body: { message: "Not Found" }, status: 404 }
const FORBIDDEN = { body: { message: "Resource not accessible by integration" }, status: 403 }

/** Labels that are not there are left out, as the platform does. */
const labelsIn = (value: unknown, known: ReadonlySet<string>): Issue["labels"] =>
  (Array.isArray(value) ? value : []).filter((name) => known.has(name)).map((name: unknown) => ({ name: String(name) }))

export const forgeIssues = (url: () => string): ForgeIssues => {
  const issues: Array<Issue> = []
  const known = new Set<string>()
  const labels = (path: string, name: unknown): { readonly status: number; readonly body: unknown } => {
    if (path === LABELS) known.add(String(name))
    const asked = path === LABELS ? String(name) : decodeURIComponent(path.slice(LABELS.length + 1))
    return known.has(asked) ? { body: { name: asked }, status: path === LABELS ? 201 : 200 } : NOT_FOUND
  }
  const put: ForgeIssues["put"] = (change) => {
    const { number } = change
    const known = issues[number - 1] ?? {
      body: "",
      html_url: `${url()}/octo/registry/issues/${number}`,
      labels: [],
      state: "open" as const,
      title: ""
    }
    issues[number - 1] = { ...known, ...change }
  }
  const list = (query: URLSearchParams): ReadonlyArray<Issue> =>
    issues
      .filter(({ state }) => query.get("state") === "all" || state === "open")
      .filter(({ labels }) => labels.some(({ name }) => name === query.get("labels")))
  return {
    all: () => issues,
    answer: ({ body, method, path, query, rights }) => {
      if (!path.startsWith(PLACE) && !path.startsWith(LABELS)) return undefined
      const right = rights === undefined ? "write" : rights.issues
      if (right === undefined || (method !== "GET" && right !== "write")) return FORBIDDEN
      if (path.startsWith(LABELS)) return labels(path, body.name)
      if (path === PLACE && method === "GET") return { body: list(query), status: 200 }
      const { body: text, labels: wanted, state, title } = body
      if (path === PLACE && method === "POST") {
        const number = issues.length + 1
        put({ body: String(text ?? ""), labels: labelsIn(wanted, known), number, title: String(title ?? "") })
        return { body: issues[number - 1], status: 201 }
      }
      const number = Number(path.slice(PLACE.length + 1))
      if (method !== "PATCH" || issues[number - 1] === undefined) return NOT_FOUND
      put({
        number,
        ...(typeof text === "string" ? { body: text } : {}),
        ...(state === "open" || state === "closed" ? { state } : {}),
        ...(typeof title === "string" ? { title } : {})
      })
      return { body: issues[number - 1], status: 200 }
    },
    put
  }
}
