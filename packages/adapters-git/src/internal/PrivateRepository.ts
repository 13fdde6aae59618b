/**
 * A bare repository of our own in the temporary directory, configured to reach the remote as the user's repository would.
 * Everything that is fetched and built lives here, so that the user's repository is only ever read, and a lock file that
 * somebody's crash left there blocks nobody.
 */
import { existsSync } from "node:fs"
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Invocation, succeed } from "../GitProgram.ts"
import { connectionSettings, LIST_SETTINGS, parseSettings, type Setting, settingVariables } from "./configuration.ts"
import { Inherited, type Variables } from "./environment.ts"
import type { ObjectFormat } from "./GitObject.ts"

/** The temporary directory cannot be written. */
export class NoRoom extends Data.TaggedError("NoRoom")<{ readonly directory: string; readonly detail: string }> {}

export interface PrivateRepository {
  readonly directory: string
  readonly format: ObjectFormat
  /** The user's settings, for the committer's name and the like. */
  readonly settings: ReadonlyArray<Setting>
  /** Where the user's repository keeps its objects. */
  readonly ownObjects: string
  /** The user's list of commits below which there is no history, if there is one. */
  readonly ownShallow: string
  /** An invocation of git in the private repository, started where the user's relative addresses hold. */
  readonly invocation: (args: ReadonlyArray<string>, stdin?: Uint8Array) => Invocation
}

const write = <A>(directory: string, promise: () => Promise<A>): Effect.Effect<A, NoRoom> =>
  Effect.tryPromise({ catch: (cause) => new NoRoom({ detail: String(cause), directory }), try: promise })

/** Makes the directory, and nothing in it yet. */
export const makeDirectory: Effect.Effect<string, NoRoom> = Effect.suspend(() =>
  write(tmpdir(), () => mkdtemp(join(tmpdir(), "batchbrake-")))
)

export const removeDirectory = (directory: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => rm(directory, { force: true, maxRetries: 2, recursive: true })))

/** What `git init` would write, without the program. */
const layOut = async (directory: string, format: ObjectFormat): Promise<void> => {
  const version = format === "sha256" ? 1 : 0
  const extension = format === "sha256" ? "[extensions]\n\tobjectFormat = sha256\n" : ""
  await mkdir(join(directory, "objects"), { recursive: true })
  await mkdir(join(directory, "refs"), { recursive: true })
  await writeFile(
    join(directory, "config"),
    `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n${extension}`
  )
  await writeFile(join(directory, "HEAD"), "ref: refs/heads/none\n")
}

/** What a repository is and where. The way to the top comes last: a bare one has none, and says nothing. */
const PLACE = [
  "rev-parse",
  "--show-object-format",
  "--path-format=absolute",
  "--git-path",
  "objects",
  "--git-path",
  "shallow",
  "--show-cdup"
]

interface Place {
  readonly cwd: string
  readonly format: ObjectFormat
  readonly ownObjects: string
  readonly ownShallow: string
}

const startingPoint = (repository: string, output: string): Place => {
  const [format, ownObjects = "", ownShallow = "", way = ""] = output.split("\n")
  return { cwd: resolve(repository, way), format: format === "sha256" ? "sha256" : "sha1", ownObjects, ownShallow }
}

/** ssh must not ask either, unless the user says how ssh is called. */
const sshVariables = (inherited: Variables, settings: ReadonlyArray<Setting>): Variables =>
  inherited.GIT_SSH_COMMAND !== undefined ||
  inherited.GIT_SSH !== undefined ||
  settings.some(({ key }) => key === "core.sshcommand")
    ? {}
    : { GIT_SSH_COMMAND: "ssh -o BatchMode=yes" }

/** Lays the repository out in `directory` and takes over how `repository` reaches `remote`. */
export const configure = Effect.fn("PrivateRepository.configure")(function* (
  directory: string,
  { remote, repository, timeoutMillis }: { repository: string; remote: string; timeoutMillis: number }
) {
  yield* write(directory, () => layOut(directory, "sha1"))
  const ask = (args: ReadonlyArray<string>, environment: Variables = {}) =>
    Effect.map(succeed({ args, cwd: repository, environment, timeoutMillis }), ({ stdout }) => stdout.toString("utf8"))
  const [place, own, seen] = yield* Effect.all(
    [ask(PLACE), ask(LIST_SETTINGS), ask(LIST_SETTINGS, { ...settingVariables([]), GIT_DIR: directory })],
    { concurrency: "unbounded" }
  )
  const { cwd, format, ownObjects, ownShallow } = startingPoint(repository, place)
  if (format === "sha256") yield* write(directory, () => layOut(directory, format))
  const settings = parseSettings(own)
  const environment: Variables = {
    ...sshVariables(yield* Inherited, settings),
    ...settingVariables(connectionSettings(settings, parseSettings(seen), remote)),
    GIT_DIR: directory
  }
  const invocation: PrivateRepository["invocation"] = (args, stdin) => ({
    args,
    cwd,
    environment,
    timeoutMillis,
    ...(stdin === undefined ? {} : { stdin })
  })
  const made: PrivateRepository = { directory, format, invocation, ownObjects, ownShallow, settings }
  return made
})

/**
 * Lets the private repository read what the user's holds, as far as its history goes. Nothing is written there: git only
 * ever adds to a repository's own objects.
 */
export const borrowObjects = ({ directory, ownObjects, ownShallow }: PrivateRepository): Effect.Effect<void, NoRoom> =>
  write(directory, async () => {
    await mkdir(join(directory, "objects", "info"), { recursive: true })
    // In quotes a path may hold any character.
    await writeFile(join(directory, "objects", "info", "alternates"), `${JSON.stringify(ownObjects)}\n`)
    if (existsSync(ownShallow)) await copyFile(ownShallow, join(directory, "shallow"))
  })
