/**
 * Mutation testing of core's pure folders. `FOLDERS=budget,time npm run mutation` mutates those alone and runs the tests of
 * the same names: minutes in place of hours, and a survivor may still be killed by a test elsewhere.
 */
const ALL = ["batch", "breaker", "budget", "control", "hash", "json", "policy", "sampling", "sli", "time"]
const { FOLDERS } = process.env
const folders = FOLDERS?.split(",") ?? ALL

export default {
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  concurrency: 2,
  coverageAnalysis: "perTest",
  ignorePatterns: ["**/dist", "bench", "docs", "reports"],
  incremental: true,
  incrementalFile: "reports/stryker-incremental.json",
  jsonReporter: { fileName: "reports/mutation.json" },
  mutate: folders.map((folder) => `packages/core/src/${folder}/**/*.ts`),
  packageManager: "npm",
  plugins: ["@stryker-mutator/vitest-runner"],
  reporters: ["clear-text", "progress-append-only", "json"],
  tempDirName: "reports/stryker-tmp",
  testRunner: "vitest",
  thresholds: { break: null, high: 90, low: 80 },
  timeoutMS: 60_000,
  vitest: { configFile: "vitest.mutation.config.ts", related: false },
  // Tables and patterns are made once, when their module is loaded: each of their mutants runs every test.
  warnings: { slow: false }
}
