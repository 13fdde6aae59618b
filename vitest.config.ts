import { defineConfig } from "vitest/config"

const exclude = ["**/node_modules/**", "**/dist/**", "**/*.torture.test.ts"]

export default defineConfig({
  test: {
    pool: "forks",
    // One for each core of a small CI machine: most of what is waited for are other processes.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        // Pure functions and state made afresh by every test: the files may load their modules once between them.
        test: {
          name: "core",
          exclude,
          include: ["packages/core/test/**/*.test.ts"],
          isolate: false,
          setupFiles: ["test/properties.ts"]
        }
      },
      {
        extends: true,
        test: {
          name: "processes",
          exclude,
          include: ["packages/{adapters-*,entrypoints}/test/**/*.test.ts", "test/**/*.test.ts"],
          globalSetup: ["packages/entrypoints/test/support/bundleDirectory.ts"],
          setupFiles: ["test/properties.ts"]
        }
      }
    ]
  }
})
