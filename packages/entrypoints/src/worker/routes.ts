/** What the Worker does, request by request. */
import { notice } from "@batchbrake/core/control/Notice"
import type { Fault } from "@batchbrake/core/json/Fault"
import { isName } from "@batchbrake/core/json/Field"
import * as Policy from "@batchbrake/core/policy/Policy"
import { ControlMissing, ControlStore } from "@batchbrake/core/port/ControlStore"
import { MetricsStore, type RunRow } from "@batchbrake/core/port/MetricsStore"
import { PERIOD_MILLIS } from "@batchbrake/core/program/readMetrics"
import { readSli } from "@batchbrake/core/program/readSli"
import * as RunReportJson from "@batchbrake/core/sli/RunReportJson"
import * as SliJson from "@batchbrake/core/sli/SliJson"
import { DAY, EARLIEST, format, LATEST, parse } from "@batchbrake/core/time/Instant"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Environment } from "./Environment.ts"
import { faulty, json, refusal } from "./Reply.ts"
import { MOST_BYTES, readBody } from "./readBody.ts"

const fault = (path: string, found: string | null, expected: string): ReadonlyArray<Fault> => [
  { expected, found: JSON.stringify(found).slice(0, 60), path }
]

const TAKEN = {
  conflict: 409,
  known: 200,
  stored: 201,
  "too-old": 410
} as const

/** `POST /v1/runs`: one run, once. */
export const postRun = Effect.fn("postRun")(function* (request: Request, now: number) {
  const type = request.headers.get("content-type") ?? ""
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    return refusal(415, "media-type", "expected content-type: application/json")
  const body = yield* Effect.promise(() => readBody(request))
  if ("fault" in body) {
    return body.fault === "too-large"
      ? refusal(413, "too-large", `a run may have ${MOST_BYTES} bytes; nothing was stored`)
      : refusal(400, "invalid", "the body is not UTF-8 text; nothing was stored")
  }
  const read = RunReportJson.parse(body.text)
  if (Result.isFailure(read)) return faulty(read.failure)
  const ahead = RunReportJson.aheadOf(read.success, now)
  if (ahead.length > 0) return faulty(ahead)
  const store = yield* MetricsStore
  const [answer = "stored"] = yield* store.ingest([read.success])
  return answer === "stored" || answer === "known"
    ? json(TAKEN[answer], { result: answer })
    : refusal(
        TAKEN[answer],
        answer,
        answer === "conflict"
          ? "this run is known with other content, which stays"
          : "the time of this run was pruned: nobody can tell whether it was counted"
      )
})

const instantOf = (
  query: URLSearchParams,
  key: string,
  otherwise: number
): Result.Result<number, ReadonlyArray<Fault>> => {
  const stated = query.get(key)
  const at = stated === null ? otherwise : parse(stated)
  return at === undefined
    ? Result.fail(fault(key, stated, "an RFC 3339 instant such as 2026-11-23T04:52:27Z"))
    : Result.succeed(at)
}

const wholeOf = (
  query: URLSearchParams,
  key: string,
  otherwise: number,
  most: number
): Result.Result<number, ReadonlyArray<Fault>> => {
  const stated = query.get(key) ?? String(otherwise)
  return /^\d{1,6}$/.test(stated) && Number(stated) >= 1 && Number(stated) <= most
    ? Result.succeed(Number(stated))
    : Result.fail(fault(key, stated, `a whole number from 1 to ${most}`))
}

const ecosystemOf = (query: URLSearchParams): Result.Result<string | undefined, ReadonlyArray<Fault>> => {
  const stated = query.get("ecosystem")
  return stated === null || isName(stated)
    ? Result.succeed(stated ?? undefined)
    : Result.fail(fault("ecosystem", stated, "the name of an ecosystem"))
}

/** A parameter that is not known is a fault: a misspelt `until` must not be everything. */
const strangersIn = (query: URLSearchParams, known: ReadonlyArray<string>): ReadonlyArray<Fault> =>
  [...query.keys()]
    .filter((key) => !known.includes(key))
    .flatMap((key) => fault(key, key, `one of ${known.join(", ")}`))

const rowJson = ({ batch, completedAt, ecosystem, failed, minutes, passed, runKey, skipped, startedAt }: RunRow) => ({
  batch: batch ?? null,
  completed_at: format(completedAt),
  ecosystem,
  failed,
  minutes: { ...minutes },
  passed,
  run_key: runKey,
  skipped,
  started_at: startedAt === undefined ? null : format(startedAt)
})

const MOST_RUNS = 1000

/** `GET /v1/runs?ecosystem&from&until&limit`: the newest first. */
export const getRuns = Effect.fn("getRuns")(function* (query: URLSearchParams) {
  const strangers = strangersIn(query, ["ecosystem", "from", "until", "limit"])
  if (strangers.length > 0) return faulty(strangers)
  const asked = Result.all([
    ecosystemOf(query),
    instantOf(query, "from", EARLIEST),
    instantOf(query, "until", LATEST),
    wholeOf(query, "limit", 100, MOST_RUNS)
  ])
  if (Result.isFailure(asked)) return faulty(asked.failure)
  const [ecosystem, from, until, limit] = asked.success
  const store = yield* MetricsStore
  const rows = yield* store.runs({ ecosystem, limit, span: { from, until } })
  return json(200, { runs: rows.map(rowJson) })
})

/** A Worker has no control branch at hand. */
const noControlBranch: ControlStore["Service"] = {
  commit: () => Effect.die("the Worker writes to no control branch"),
  findBack: () => Effect.die("the Worker reads no control branch"),
  name: "no control branch",
  read: () => Effect.fail(new ControlMissing({ store: "no control branch" }))
}

/** The deployment's policy, or the defaults for every ecosystem that the window knows. */
const policyOf = Effect.fn("policyOf")(function* ({ POLICY }: Environment, at: number, windowMillis: number) {
  if (POLICY !== undefined && POLICY.trim() !== "") return Policy.parse(POLICY)
  const store = yield* MetricsStore
  const totals = yield* store.totals({ from: at - windowMillis, until: at + 1 })
  const ecosystems = Object.fromEntries([...totals.keys()].sort().map((name) => [name, {}]))
  return Policy.parse(JSON.stringify({ ecosystems, version: 1 }))
})

const MOST_DAYS = 366

/** `GET /v1/sli?ecosystem&days`: the figures that `batchbrake sli` shows, of the metrics alone. */
export const getSli = Effect.fn("getSli")(function* (query: URLSearchParams, environment: Environment, now: number) {
  const strangers = strangersIn(query, ["ecosystem", "days"])
  if (strangers.length > 0) return faulty(strangers)
  const asked = Result.all([ecosystemOf(query), wholeOf(query, "days", PERIOD_MILLIS / DAY, MOST_DAYS)])
  if (Result.isFailure(asked)) return faulty(asked.failure)
  const [ecosystem, days] = asked.success
  const windowMillis = days * DAY
  const policy = yield* policyOf(environment, now, windowMillis)
  if (Result.isFailure(policy)) return refusal(500, "policy-unreadable", "the Worker's POLICY is no policy: mend it")
  const known = Object.keys(policy.success.ecosystems)
  if (ecosystem !== undefined && !known.includes(ecosystem))
    return refusal(404, "unknown-ecosystem", `there is no ${ecosystem}; there are: ${known.join(", ")}`)
  const ecosystems = ecosystem === undefined ? known : [ecosystem]
  const { isMetricsRead, notices, slis } = yield* readSli({
    at: now,
    ecosystems,
    policy: policy.success,
    windowMillis
  }).pipe(Effect.provideService(ControlStore, noControlBranch))
  const told = notices.filter(({ code }) => code !== "control-away")
  if (!isMetricsRead) return refusal(503, "metrics-unavailable", "the database does not answer", { "retry-after": "5" })
  return json(200, {
    ecosystems: slis.map(SliJson.ecosystem),
    notices: told.map(({ code, message, severity }) => ({
      code,
      message: notice(code, severity, message).message,
      severity
    })),
    window: { from: format(now - windowMillis), until: format(now) }
  })
})

/** `GET /healthz`: whether the database answers, for anybody. */
export const getHealth = Effect.fn("getHealth")(function* () {
  const store = yield* MetricsStore
  yield* store.alerts
  return json(200, { status: "ok" })
})
