/** Issues as GitHub answers them, where the emulator does not say enough. */
import { parse } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { marked } from "../src/internal/issues.ts"
import type { Asked, Reply } from "./support/GitHubServer.ts"
import { sample, samples } from "./support/sample.ts"
import { withForge } from "./support/withForge.ts"

const ISSUES = "GET /repos/{owner}/{repo}/issues"
const OPEN = "POST /repos/{owner}/{repo}/issues"
const LABEL = "GET /repos/{owner}/{repo}/labels/{name}"
const MAKE = "POST /repos/{owner}/{repo}/labels"
const UPDATE = "PATCH /repos/{owner}/{repo}/issues/{issue_number}"

const labelled = (name: string) => [{ color: "", default: false, description: "", id: 1, name, node_id: "", url: "" }]
const isLabel = ({ path }: Asked): boolean => path.includes("/labels")
const theLabel = (): Reply => ok(sample(LABEL, 200, { name: "ours" }))
const missing: Reply = { body: { documentation_url: "", message: "Not Found", status: "404" }, status: 404 }
const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({ body, headers, status: 200 })
const draft = { body: "Words.", key: "npm/slo", labels: ["ours"], title: "Title" } as const

describe("Issues on GitHub (SPEC.md IS)", () => {
  it("[IS15] the open issues of a label are listed page by page, oldest first; nobody else's is among them", () => {
    const label = labelled("Ours")
    const link = { diff_url: "", html_url: "", patch_url: "", url: "" }
    const pages = [
      [
        { body: marked("Late", "npm/b"), labels: label, number: 9, state: "open" },
        { body: marked("A pull request", "npm/c"), labels: label, number: 8, pull_request: link, state: "open" }
      ],
      [
        { body: null, labels: label, number: 7, state: "open" },
        { body: "By hand, without a key", labels: label, number: 6, state: "open" },
        { body: marked("Another label's", "npm/d"), labels: labelled("ours too"), number: 5, state: "open" },
        { body: marked("Early", "npm/a"), labels: label, number: 4, state: "open" }
      ]
    ]
    const rest = ({ query }: Asked): Reply => {
      assert.deepEqual(
        ["labels", "state"].map((name) => query.get(name)),
        ["ours", "open"]
      )
      const page = Number(query.get("page"))
      const next = page < 2 ? { link: '<https://api.github.com/x?page=2>; rel="next"' } : {}
      return ok(samples(ISSUES, pages[page - 1] ?? []), next)
    }
    return withForge({ rest }, (forge) =>
      Effect.map(forge.openIssues("ours"), (found) => {
        // A label that was made with capitals is the same one there.
        assert.deepEqual(
          found.map(({ body, key, number }) => [number, key, body]),
          [
            [4, "npm/a", "Early"],
            [9, "npm/b", "Late"]
          ]
        )
      })
    )
  })

  it("[IS15] a list that has no end is refused rather than cut short", () => {
    const rest = () => ok([], { link: '<https://api.github.com/x>; rel="next"' })
    return withForge({ rest }, (forge) =>
      Effect.map(Effect.flip(forge.openIssues("ours")), ({ message }) => assert.match(message, /more than 5000/))
    )
  })

  it("[IS15] an issue whose label was left out is closed again, and that is a failure: nobody would find it", () => {
    const asked: Array<string> = []
    const rest = (one: Asked): Reply => {
      const { body, method, path } = one
      if (isLabel(one)) return theLabel()
      asked.push(`${method} ${path.split("/").slice(4).join("/")} ${Object(body).state ?? ""}`.trim())
      if (method === "GET") return ok([])
      const made = { body: marked(draft.body, draft.key), labels: [], number: 7, state: "open" }
      return method === "POST"
        ? { body: sample(OPEN, 201, made), status: 201 }
        : ok(sample(UPDATE, 200, { ...made, state: "closed" }))
    }
    return withForge({ rest }, (forge) =>
      Effect.map(Effect.flip(forge.ensureIssue(draft)), (failure) => {
        assert.equal(failure._tag, "ForgeRefused")
        assert.match(failure.message, /the label "ours" was not set on #7, which was closed again/)
        assert.deepEqual(asked, ["GET issues", "POST issues", "PATCH issues/7 closed"])
      })
    )
  })

  it("[IS15] of a key with a time nothing is looked at that was last changed a day before it", () => {
    const asked: Array<string | null> = []
    const rest = (one: Asked): Reply => {
      const { method, query } = one
      if (isLabel(one)) return theLabel()
      if (method === "GET") {
        asked.push(query.get("since"))
        return ok([])
      }
      const made = { body: marked(draft.body, draft.key), labels: labelled("ours"), number: 7, state: "open" }
      return { body: sample(OPEN, 201, made), status: 201 }
    }
    const since = parse("2026-11-23T06:00:00Z") ?? 0
    return withForge({ rest }, (forge) =>
      Effect.map(Effect.all([forge.ensureIssue({ ...draft, since }), forge.ensureIssue(draft)]), ([one]) => {
        assert.isTrue(one.created)
        assert.deepEqual(asked, ["2026-11-22T06:00:00Z", "2026-11-22T06:00:00Z", null, null])
      })
    )
  })

  it("[IS15] a label that is not there is made before it is used: by itself GitHub would leave it out", () => {
    const asked: Array<string> = []
    const rest = (one: Asked): Reply => {
      asked.push(`${one.method} ${one.path.split("/").slice(4).join("/")}`)
      if (isLabel(one)) {
        return one.method === "GET" ? missing : { body: sample(MAKE, 201, { name: "a b" }), status: 201 }
      }
      const made = { body: marked(draft.body, draft.key), labels: labelled("a b"), number: 7, state: "open" }
      return one.method === "GET" ? ok([]) : { body: sample(OPEN, 201, made), status: 201 }
    }
    return withForge({ rest }, (forge) =>
      Effect.map(forge.ensureIssue({ ...draft, labels: ["a b"] }), ({ created }) => {
        assert.isTrue(created)
        assert.deepEqual(asked.slice(0, 4), ["GET issues", "GET labels/a%20b", "POST labels", "POST issues"])
      })
    )
  })

  it("[IS15] one that somebody else makes at the same time is there; one that may not be made is a failure by its name", async () => {
    let looks = 0
    const taken: Reply = {
      body: {
        documentation_url: "",
        errors: [{ code: "already_exists", field: "name", resource: "Label" }],
        message: "Validation Failed"
      },
      status: 422
    }
    const made = { body: marked(draft.body, draft.key), labels: labelled("ours"), number: 7, state: "open" }
    const rest = (one: Asked): Reply => {
      if (isLabel(one)) return one.method === "POST" ? taken : looks++ === 0 ? missing : theLabel()
      return one.method === "GET" ? ok([]) : { body: sample(OPEN, 201, made), status: 201 }
    }
    await withForge({ rest }, (forge) => Effect.map(forge.ensureIssue(draft), ({ created }) => assert.isTrue(created)))
    const forbidden = (one: Asked): Reply =>
      isLabel(one) && one.method === "POST" ? taken : isLabel(one) ? missing : ok([])
    await withForge({ rest: forbidden }, (forge) =>
      Effect.map(Effect.flip(forge.ensureIssue(draft)), ({ message }) =>
        assert.match(message, /refused to make a label: .*already_exists/)
      )
    )
  })
})
