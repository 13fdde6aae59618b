/** Mutation testing of core: see docs/mutation.md for what the variables narrow down. */
const ALL = ["batch", "breaker", "budget", "control", "forecast", "hash", "json", "policy", "sampling", "sli", "time"]
const { CONCURRENCY = "2", FOLDERS, MUTATE, REPORT = "mutation", RUNNER = "in-process" } = process.env
const folders = FOLDERS?.split(",") ?? ALL

export default {
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  concurrency: Number(CONCURRENCY),
  coverageAnalysis: "perTest",
  dryRunTimeoutMinutes: 30,
  ignorePatterns: ["**/dist", "bench", "docs", "reports"],
  ignorers: ["prose"],
  jsonReporter: { fileName: `reports/${REPORT}.json` },
  mutate: MUTATE?.split(",") ?? folders.map((folder) => `packages/core/src/${folder}/**/*.ts`),
  packageManager: "npm",
  plugins: ["./test/mutation/InProcess.ts", "./test/mutation/Prose.ts", "@stryker-mutator/vitest-runner"],
  reporters: ["clear-text", "progress-append-only", "json"],
  tempDirName: "reports/stryker-tmp",
  testRunner: RUNNER,
  thresholds: { break: null, high: 90, low: 80 },
  timeoutFactor: 1,
  timeoutMS: 10_000,
  vitest: { configFile: "vitest.mutation.config.ts", related: false },
  // Tables and patterns are made once, when their module is loaded: each of their mutants runs every test.
  warnings: { slow: false }
}
