import { defineConfig } from "vitest/config"

/** The long tests: real processes and many rounds, too slow for every push. */
export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.torture.test.ts", "test/**/*.torture.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["packages/entrypoints/test/support/bundleDirectory.ts"],
    pool: "forks",
    testTimeout: 600_000,
    hookTimeout: 60_000
  }
})
