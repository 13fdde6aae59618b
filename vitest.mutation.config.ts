import { defineConfig } from "vitest/config"

const { FOLDERS } = process.env

/**
 * The tests that mutants are run against: those of core, without the ones that take every order of everything, which
 * would cost each survivor a minute. `FOLDERS` narrows them down as it does the mutants.
 */
export default defineConfig({
  // The mutants are in a copy of the tree; the package's own name would lead out of it.
  resolve: {
    alias: [{ find: /^@batchbrake\/core\/(.*)$/, replacement: `${import.meta.dirname}/packages/core/src/$1.ts` }]
  },
  test: {
    include: (FOLDERS?.split(",") ?? ["**"]).map((folder) => `packages/core/test/${folder}/**/*.test.ts`),
    exclude: ["**/node_modules/**", "**/*.torture.test.ts", "packages/core/test/model/**"],
    isolate: false,
    setupFiles: ["test/properties.ts"],
    testTimeout: 60_000
  }
})
