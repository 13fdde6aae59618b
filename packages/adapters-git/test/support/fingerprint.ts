import { createHash } from "node:crypto"
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"

const contentOf = (path: string): string => {
  const status = lstatSync(path)
  if (status.isSymbolicLink()) return `link to ${readlinkSync(path)}`
  if (!status.isFile()) return "directory"
  return `${status.mtimeMs} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`
}

/** Every path below a directory with its content's hash and its time: two that are equal were not written between. */
export const fingerprint = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true })
    .map(String)
    .sort()
    .map((path) => `${path}: ${contentOf(join(directory, path))}`)
