/**
 * Before a run of tests: a directory for the bundled command, which the first test that starts it fills, and another for
 * all that tests and what they start put down for a while. Both are gone afterwards, whatever was killed meanwhile.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    readonly commandBundle: string
  }
}

export const setup = ({ provide }: TestProject): (() => void) => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "tests-")))
  const [bundle, temporary] = [join(directory, "bundle"), join(directory, "tmp")]
  for (const path of [bundle, temporary]) mkdirSync(path)
  provide("commandBundle", bundle)
  process.env.TMPDIR = temporary
  return () => rmSync(directory, { force: true, maxRetries: 5, recursive: true, retryDelay: 100 })
}
