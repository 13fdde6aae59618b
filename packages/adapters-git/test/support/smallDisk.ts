/** A file system so small that it is soon full. Linux lets root mount one; elsewhere there is none. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const quietly = (program: string, ...args: ReadonlyArray<string>): boolean => {
  try {
    execFileSync(program, args, { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** Mounts `kibibytes` of room at `path`, which is made. */
export const mountSmallDisk = (path: string, kibibytes: number): boolean => {
  mkdirSync(path, { recursive: true })
  return quietly("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", path)
}

export const unmount = (path: string): boolean => quietly("umount", path)

/** Whether this machine lets us mount at all. */
export const canMount = (() => {
  const path = mkdtempSync(join(tmpdir(), "small-disk-"))
  const isMounted = mountSmallDisk(path, 16)
  if (isMounted) unmount(path)
  rmSync(path, { force: true, recursive: true })
  return isMounted
})()
