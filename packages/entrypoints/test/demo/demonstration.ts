/** A demonstration in a child process, with a temporary directory that goes after the tests. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const directory = realpathSync(mkdtempSync(join(tmpdir(), "batchbrake-demo-test-")))

/** Where a test may leave files. */
export const inTemporary = (name: string): string => join(directory, name)

export const removeTemporary = (): void => rmSync(directory, { force: true, maxRetries: 3, recursive: true })

/** Runs a program to its end; whatever it leaves in the temporary directory is ours to remove. */
export const runProgram = (program: string, args: ReadonlyArray<string>, input = ""): Ended => {
  const env = { ...process.env, FORCE_COLOR: undefined, TMPDIR: directory }
  const { status, stderr, stdout } = spawnSync(program, [...args], { encoding: "utf8", env, input })
  return { exitCode: status, stderr, stdout }
}

/** Runs one of the demonstrations by the name of its file. */
export const runDemonstration = (name: string, ...args: ReadonlyArray<string>): Ended =>
  runProgram(process.execPath, [fileURLToPath(new URL(`../../src/demo/${name}.ts`, import.meta.url)), ...args])
