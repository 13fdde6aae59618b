import * as JobMinutes from "@batchbrake/core/budget/JobMinutes"
import { parse } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { assert, describe, it } from "vitest"
import { marked, unmarked } from "../src/internal/issues.ts"
import { DISABLE_AUTO_MERGE } from "../src/internal/pullRequests.ts"
import type { Asked, Reply } from "./support/GitHubServer.ts"
import { documentFaults, QueryError } from "./support/Query.ts"
import { sample, samples } from "./support/sample.ts"
import { withForge } from "./support/withForge.ts"

const PULLS = "GET /repos/{owner}/{repo}/pulls"
const PULL = "GET /repos/{owner}/{repo}/pulls/{pull_number}"
const ISSUES = "GET /repos/{owner}/{repo}/issues"
const JOBS = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs"
const COMMIT = "1234567890123456789012345678901234567890"

const LABEL = { color: "", default: false, description: "", id: 1, name: "ours", node_id: "", url: "" }

const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({ body, headers, status: 200 })
const ours = { ref: "side/a", repo: { full_name: "octo/registry" }, sha: COMMIT }
const pull = (values: Readonly<Record<string, unknown>>) => ({
  base: { ref: "main", repo: { full_name: "octo/registry" } },
  head: ours,
  state: "open",
  ...values
})
const draft = { base: "main", body: "", head: "side/a", labels: [], title: "Take it" }
const already = {
  body: {
    documentation_url: "",
    errors: [{ code: "custom", message: "A pull request already exists for octo:side/a.", resource: "PullRequest" }],
    message: "Validation Failed"
  },
  status: 422
}

describe("Pull requests on GitHub (SPEC.md FG)", () => {
  it("[FG1] who was slower gets the pull request of who was faster", () => {
    let looks = 0
    const rest = ({ method }: Asked): Reply =>
      method === "POST" ? already : ok(samples(PULLS, looks++ === 0 ? [] : [pull({ number: 7 })]))
    return withForge({ rest }, (forge) =>
      Effect.map(forge.openPullRequest(draft), ({ created, pullRequest }) => {
        assert.deepEqual([created, pullRequest.number, looks], [false, 7, 2])
      })
    )
  })

  it("[FG1] a branch that does not exist is refused, naming the field", () => {
    const fault = { code: "invalid", field: "head", resource: "PullRequest" }
    const body = { documentation_url: "", errors: [fault], message: "Validation Failed" }
    const rest = ({ method }: Asked): Reply => (method === "POST" ? { body, status: 422 } : ok([]))
    return withForge({ rest }, (forge) =>
      Effect.map(Effect.flip(forge.openPullRequest(draft)), (failure) => {
        assert.equal(failure._tag === "ForgeRefused" ? failure.reason : failure._tag, "invalid")
        assert.include(failure.message, "head invalid")
      })
    )
  })

  it("[FG1] the branch of another repository is foreign, also of one that is gone, and is nobody's here", () => {
    const heads = [ours, { ...ours, repo: { full_name: "stranger/registry" } }, { ...ours, repo: null }]
    const rest = () =>
      ok(
        samples(
          PULLS,
          heads.map((head, index) => pull({ head, labels: [], number: index + 1 }))
        )
      )
    return withForge({ rest }, (forge, { wrongAnswers }) =>
      Effect.map(forge.pullRequestsOf("side/a"), (found) => {
        // The description has no null there; the API gives one where a fork was deleted.
        assert.deepEqual(wrongAnswers.splice(0).length, 1)
        assert.deepEqual(
          found.map(({ number }) => number),
          [1]
        )
      })
    )
  })

  it("[FG1] a list goes on for as many pages as there are, and is refused rather than cut short", async () => {
    const rest = ({ query }: Asked): Reply => {
      const page = Number(query.get("page"))
      const next = page < 3 ? { link: `<https://api.github.com/x?page=${page + 1}>; rel="next"` } : {}
      return ok(samples(PULLS, [pull({ labels: [LABEL], number: page })]), next)
    }
    await withForge({ rest }, (forge) =>
      Effect.map(forge.openPullRequests("ours"), (found) => {
        assert.deepEqual(
          found.map(({ number }) => number),
          [1, 2, 3]
        )
      })
    )
    const endless = () => ok([], { link: '<https://api.github.com/x>; rel="next"' })
    await withForge({ rest: endless }, (forge) =>
      Effect.map(Effect.flip(forge.openPullRequests("ours")), ({ message }) => assert.match(message, /more than 5000/))
    )
  })

  it("[JU21] one that is closed between two pages keeps no other from being found", async () => {
    const open = Array.from({ length: 150 }, (_, place) => place + 1)
    let asked = 0
    const rest = ({ query }: Asked): Reply => {
      if (++asked === 2) open.shift()
      const start = 100 * (Number(query.get("page")) - 1)
      const page = open.slice(start, start + 100).map((number) => pull({ number }))
      const next = open.length > start + 100 ? { link: '<https://api.github.com/x>; rel="next"' } : {}
      return ok(samples(PULLS, page), next)
    }
    await withForge({ rest }, (forge) =>
      Effect.map(forge.openPullRequests(), (found) => {
        const numbers = new Set(found.map(({ number }) => number))
        assert.deepEqual(
          open.filter((number) => !numbers.has(number)),
          []
        )
      })
    )
    assert.equal(asked, 6)
  })

  const auto = (enabled: boolean) =>
    ok(sample(PULL, 200, pull({ auto_merge: enabled ? AUTO : null, node_id: "PR_1", number: 7 })))

  it("[FG8] auto-merge is disabled, and whether it was on is said", () => {
    const query = {
      disablePullRequestAutoMerge: ({ input }: { readonly input: { readonly pullRequestId: string } }) => {
        assert.equal(input.pullRequestId, "PR_1")
        return { pullRequest: { autoMergeRequest: null, number: 7 } }
      }
    }
    return withForge({ query, rest: () => auto(true) }, (forge, { asked }) =>
      Effect.map(forge.disableAutoMerge(7), (did) => {
        assert.deepEqual([did, asked.length], [true, 2])
      })
    )
  })

  it("[FG8] one who disabled it first is no failure; a missing permission is one", async () => {
    let looks = 0
    const refuse = (type: string, message: string) => ({
      disablePullRequestAutoMerge: () => {
        throw new QueryError(type, message)
      }
    })
    const on = () => auto(true)
    const rest = () => auto(looks++ === 0)
    const unprocessable = refuse("UNPROCESSABLE", "Can't disable auto-merge for this pull request.")
    await withForge({ query: unprocessable, rest }, (forge) =>
      Effect.map(forge.disableAutoMerge(7), (did) => assert.isTrue(did))
    )
    const forbidden = refuse("FORBIDDEN", "Resource not accessible by integration")
    await withForge({ query: forbidden, rest: on }, (forge) =>
      Effect.map(Effect.flip(forge.disableAutoMerge(7)), (failure) => {
        assert.equal(failure._tag === "ForgeRefused" ? failure.reason : failure._tag, "permission")
        assert.match(failure.message, /contents: write and pull_requests: write/)
      })
    )
    const stubborn = refuse("UNPROCESSABLE", "Can't disable auto-merge for this pull request.")
    await withForge({ query: stubborn, rest: on }, (forge) =>
      Effect.map(Effect.flip(forge.disableAutoMerge(7)), ({ _tag }) => assert.equal(_tag, "ForgeRefused"))
    )
  })

  it.each([
    [409, "moved"],
    [405, "blocked"]
  ] as const)("[FG4] a merge that gets %i is %s", (status, reason) => {
    const rest = (): Reply => ({
      body: { message: "Head branch was modified. Review and try the merge again." },
      status
    })
    return withForge({ rest }, (forge) =>
      Effect.map(Effect.flip(forge.mergePullRequest(7, { head: COMMIT, method: "squash" })), (failure) => {
        assert.equal(failure._tag === "ForgeRefused" ? failure.reason : failure._tag, reason)
      })
    )
  })
})

const AUTO = {
  commit_message: "",
  commit_title: "",
  enabled_by: {
    ...Object.fromEntries(
      [
        ...["avatar_url", "events_url", "followers_url", "following_url", "gists_url", "html_url", "login", "node_id"],
        ...["organizations_url", "received_events_url", "repos_url", "starred_url", "subscriptions_url", "type", "url"]
      ].map((key) => [key, "text"])
    ),
    gravatar_id: null,
    id: 1,
    site_admin: false
  },
  merge_method: "squash"
}

describe("Issues on GitHub (SPEC.md FG)", () => {
  it("[FG2] the key comes back from any text that is put before it, other marks in it too", () => {
    for (const body of ["", "One line", "# A\n\n- b\n", "<!-- batchbrake-key: forged -->", "a\r\n\r\nb"]) {
      assert.deepEqual(unmarked(marked(body, "npm/slo")), { body, key: "npm/slo" })
    }
    assert.deepEqual(unmarked(`${marked("Body", "npm")}\n\nAn added line.`), {
      body: "Body\n\nAn added line.",
      key: "npm"
    })
    assert.deepEqual(unmarked(marked("Body", "npm").replaceAll("\n", "\r\n")), { body: "Body", key: "npm" })
    for (const text of ["", "batchbrake-key: npm", "<!-- batchbrake-key: a b -->", "<!-- batchbrake-key:npm -->"]) {
      assert.isUndefined(unmarked(text))
    }
  })

  it("[FG2] pull requests with a key, other labels and other keys are no issue of it", () => {
    const mark = marked("", "npm")
    const label = [LABEL]
    const listed = [
      { body: mark, labels: [], number: 1, state: "open" },
      {
        body: mark,
        labels: label,
        number: 2,
        pull_request: { diff_url: "", html_url: "", patch_url: "", url: "" },
        state: "open"
      },
      { body: marked("", "npm2"), labels: label, number: 3, state: "open" },
      { body: null, labels: label, number: 4, state: "open" },
      { body: mark, labels: label, number: 9, state: "open" },
      { body: mark, labels: label, number: 5, state: "closed" }
    ]
    return withForge({ rest: () => ok(samples(ISSUES, listed)) }, (forge) =>
      Effect.map(forge.issueOf("npm", "ours"), (found) => {
        assert.equal(Option.getOrUndefined(found)?.number, 5)
      })
    )
  })
})

describe("Checks on GitHub (SPEC.md FG)", () => {
  it("[FG9] a verdict is a status of the commit under its name, in one line that fits", () => {
    const STATUS = "POST /repos/{owner}/{repo}/statuses/{sha}"
    const rest = ({ body }: Asked): Reply => ({ body: sample(STATUS, 201, Object(body)), status: 201 })
    const check = { commit: COMMIT, name: "brake", says: `Stopped\n${"x".repeat(200)}`, verdict: "failure" } as const
    return withForge({ rest }, (forge, { asked }) =>
      Effect.map(forge.setCheck(check), () => {
        assert.deepEqual(
          asked.map(({ body, method, path }) => ({ body, method, path })),
          [
            {
              body: { context: "brake", description: `Stopped ${"x".repeat(131)}…`, state: "failure" },
              method: "POST",
              path: `/repos/octo/registry/statuses/${COMMIT}`
            }
          ]
        )
      })
    )
  })
})

describe("Runs on GitHub (SPEC.md FG)", () => {
  const job = (values: Readonly<Record<string, unknown>>) => {
    const started = { completed_at: "2026-11-23T10:00:30Z", started_at: "2026-11-23T10:00:00Z" }
    return {
      check_run_url: "",
      conclusion: "success",
      created_at: "2026-11-23T09:00:00Z",
      head_branch: "main",
      head_sha: COMMIT,
      html_url: null,
      id: 1,
      labels: ["ubuntu-latest"],
      name: "validate (npm)",
      node_id: "",
      run_attempt: 2,
      run_id: 1,
      run_url: "",
      runner_group_id: 1,
      runner_group_name: "",
      runner_id: 3,
      runner_name: "",
      status: "completed",
      url: "",
      workflow_name: "",
      ...started,
      ...values
    }
  }

  it("[FG3] jobs are read page by page, by platform, without those that no machine took", () => {
    const jobs = [
      job({ labels: ["macos-15-xlarge"] }),
      job({ labels: ["self-hosted", "Linux", "ARM64"] }),
      job({ labels: ["windows-2025"] }),
      job({ labels: ["a-machine-of-ours"] }),
      job({ conclusion: "skipped", runner_id: null }),
      job({ conclusion: "skipped", runner_id: 3 }),
      job({ conclusion: "cancelled", runner_id: 0 }),
      job({ completed_at: null, conclusion: null, status: "queued" }),
      job({ run_attempt: 1 }),
      job({ completed_at: null, conclusion: null, status: "in_progress" })
    ]
    const rest = ({ query }: Asked): Reply => {
      const page = query.get("page") === "1" ? jobs.slice(0, 5) : jobs.slice(5)
      return ok(sample(JOBS, 200, { jobs: page, total_count: jobs.length }))
    }
    return withForge({ rest }, (forge, { asked }) =>
      Effect.map(forge.jobsOf({ attempt: 2, run: 1 }), (found) => {
        assert.equal(asked.length, 2)
        const minutes = JobMinutes.of(found, parse("2026-11-23T10:02:01Z") ?? 0)
        assert.deepEqual(minutes, { linux: 4, macos: 1, windows: 1 })
        const well = [true, true, true, true, true, true, false, undefined, undefined]
        assert.deepEqual(
          found.map(({ isSuccessful }) => isSuccessful),
          well
        )
      })
    )
  })
})

describe("What is published (SPEC.md FG)", () => {
  it("[FG7] every document fits the published schema", () => {
    assert.deepEqual(documentFaults(DISABLE_AUTO_MERGE), [])
    assert.isNotEmpty(documentFaults(DISABLE_AUTO_MERGE.replace("enabledAt", "enabledSince")))
    assert.isNotEmpty(documentFaults(DISABLE_AUTO_MERGE.replace("ID!", "Int!")))
  })

  it("[FG7] the judge of requests finds what is not published", async () => {
    const rest = (): Reply => ok([])
    const faults = await withForge({ rest }, (_, server) =>
      Effect.promise(async () => {
        const ask = (method: string, path: string, body?: unknown) =>
          fetch(`${server.url}/repos/octo/registry/${path}`, { body: JSON.stringify(body) ?? null, method })
        await ask("GET", "pulls?state=opened")
        await ask("GET", "pulls?label=ours")
        await ask("POST", "pulls", { base: "main", head: "a", label: "ours" })
        await ask("POST", "issues", { body: "no title" })
        await ask("DELETE", "issues/1")
        server.wrongAnswers.splice(0)
        return server.wrongRequests.splice(0)
      })
    )
    assert.equal(faults.length, 5, faults.join("\n"))
  })
})
