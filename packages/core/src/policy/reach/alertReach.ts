/** Alerts on the error budget that no outcome can raise, or that no pass can end. */
import * as BurnRate from "../../sli/BurnRate.ts"
import { type Finding, finding } from "../Finding.ts"
import { byPlace, objectivePath, type Written, type Wrong } from "./Origin.ts"

const MILLION = 1_000_000

/** The greater burn rate of the alert's rules has to be within reach for the pair to do its work. */
const GREATEST_BURN = Math.max(...BurnRate.DEFAULT.map(({ threshold }) => threshold))

/** The least objective, in millionths, at which nothing but failures burns at the greatest rate: `1 / (1 - SLO)` of it. */
const LEAST_OBJECTIVE = Math.ceil(MILLION * (1 - 1 / GREATEST_BURN))

const millionths = (slo: number): number => Math.round(slo * MILLION)

const firing = (written: Written): ReadonlyArray<Finding> => {
  const wrong = Object.entries(written.policy.ecosystems).flatMap(
    ([ecosystem, { slo }]): ReadonlyArray<Wrong> =>
      millionths(slo) >= LEAST_OBJECTIVE
        ? []
        : [{ ecosystem, path: objectivePath(written, ecosystem), value: LEAST_OBJECTIVE / MILLION }]
  )
  return byPlace(wrong, Math.max).map(({ change, ecosystems }) =>
    finding(
      "alert-never-fires",
      change.path,
      `the burn rate of ${ecosystems.join(", ")} can be 1 / (1 - SLO) at most, and the alert fires at ${GREATEST_BURN}: ` +
        "not even failures alone raise it",
      [change]
    )
  )
}

/** A whole objective leaves no error budget: with one failure the burn rate has no bound, however many passes follow. */
const resolving = (written: Written): ReadonlyArray<Finding> => {
  const wrong = Object.entries(written.policy.ecosystems).flatMap(
    ([ecosystem, { slo }]): ReadonlyArray<Wrong> =>
      millionths(slo) < MILLION
        ? []
        : [{ ecosystem, path: objectivePath(written, ecosystem), value: (MILLION - 1) / MILLION }]
  )
  return byPlace(wrong, Math.min).map(({ change, ecosystems }) =>
    finding(
      "alert-never-resolves",
      change.path,
      `an objective of 1 leaves ${ecosystems.join(", ")} no error budget: one failure raises the alert, and no number of ` +
        "passes behind it ends it before that failure has left the window",
      [change]
    )
  )
}

export const alertReach = (written: Written): ReadonlyArray<Finding> => [...firing(written), ...resolving(written)]
