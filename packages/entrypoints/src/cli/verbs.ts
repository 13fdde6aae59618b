/** The verbs. */
import type { Entry } from "./Verb.ts"

export const VERBS: Readonly<Record<string, Entry>> = {
  init: {
    load: () => import("./verb/init.ts").then(({ init }) => init),
    summary: "write a policy file, create the control branch"
  },
  gate: {
    load: () => import("./verb/gate.ts").then(({ gate }) => gate),
    summary: "may these ecosystems run? --claim takes the grant"
  },
  record: {
    load: () => import("./verb/record.ts").then(({ record }) => record),
    summary: "settle a run: attempts and minutes"
  },
  abandon: {
    load: () => import("./verb/abandon.ts").then(({ abandon }) => abandon),
    summary: "give a run's grants back"
  },
  status: {
    load: () => import("./verb/status.ts").then(({ status }) => status),
    summary: "what stands, and who holds what until when"
  },
  explain: {
    load: () => import("./verb/explain.ts").then(({ explain }) => explain),
    summary: "why on hold, and what would release it"
  },
  pause: {
    load: () => import("./verb/pause.ts").then(({ pause }) => pause),
    summary: "stop ecosystems, or everything"
  },
  resume: {
    load: () => import("./verb/resume.ts").then(({ resume }) => resume),
    summary: "lift a pause"
  },
  reset: {
    load: () => import("./verb/reset.ts").then(({ reset }) => reset),
    summary: "close a breaker by hand"
  },
  batch: {
    load: () => import("./verb/batch.ts").then(({ batch }) => batch),
    summary: "batches: open, seal, proposed, judge, merged, list, show, adopt"
  },
  rollback: {
    load: () => import("./verb/rollback.ts").then(({ rollback }) => rollback),
    summary: "take a batch out of the content branch again"
  },
  budget: {
    load: () => import("./verb/budget.ts").then(({ budget }) => budget),
    summary: "budget adjust: correct the minutes by hand"
  },
  metrics: {
    load: () => import("./verb/metrics.ts").then(({ metrics }) => metrics),
    summary: "the metrics store: migrate, push, prune, rebuild, serve"
  },
  audit: {
    load: () => import("./verb/audit.ts").then(({ audit }) => audit),
    summary: "find edits by hand; --adopt stands for them"
  },
  sli: {
    load: () => import("./verb/sli.ts").then(({ sli }) => sli),
    summary: "success rates, objectives, error budgets, cost"
  },
  alerts: {
    load: () => import("./verb/alerts.ts").then(({ alerts }) => alerts),
    summary: "what needs somebody, and what changed since the last look"
  },
  policy: {
    load: () => import("./verb/policy.ts").then(({ policy }) => policy),
    summary: "policy files before they are merged: check, explain, backtest, simulate"
  },
  workflows: {
    load: () => import("./verb/workflows.ts").then(({ workflows }) => workflows),
    summary: "workflows for GitHub: generate, check"
  }
}
