/** Before a run of tests: a directory for the bundled command, which the first test that starts it fills. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    readonly commandBundle: string
  }
}

export const setup = ({ provide }: TestProject): (() => void) => {
  const directory = mkdtempSync(join(tmpdir(), "command-bundle-"))
  provide("commandBundle", directory)
  return () => rmSync(directory, { force: true, recursive: true })
}
