import type { TextFile } from "./TextFile.ts"

/** Put together here, so that this file does not itself look like what it searches for. */
const ROOTS = ["work", "root", "home", "Users", "farm"].join("|")
const MACHINE_PATH = new RegExp(`(?:^|[^A-Za-z0-9_./-]|file://)/(?:${ROOTS})/`)

/** Absolute paths of somebody's machine: true in one place only. */
export const findMachinePaths = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  files
    .filter(({ path }) => path !== "package-lock.json")
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, at) => (MACHINE_PATH.test(line) ? [`${path}:${at + 1} names a machine's path`] : []))
    )
