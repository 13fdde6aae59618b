/** Where the command works, and how long a remote may take for one answer. */
import { resolve } from "node:path"
import type { Given } from "./Given.ts"
import type { World } from "./World.ts"

export const REMOTE_TIMEOUT_MILLIS = 60_000

/** The directory that `--repo` names. */
export const repositoryOf = (given: Given, world: World): string => resolve(world.directory, given.text("repo") ?? ".")
