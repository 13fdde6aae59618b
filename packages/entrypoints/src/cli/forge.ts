/** The forge that the environment and the remote mean. Loaded only where it is asked for something. */

import * as GitProgram from "@batchbrake/adapters-git/GitProgram"
import {
  apiOf,
  type GitHubRepository,
  isHere,
  isTrusted,
  parseAddress,
  parseName
} from "@batchbrake/adapters-github/GitHubRepository"
import * as OctokitForge from "@batchbrake/adapters-github/OctokitForge"
import type { Forge } from "@batchbrake/core/port/Forge"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { InputUnusable } from "./Failure.ts"
import { type Given, refuse } from "./Given.ts"
import { REMOTE_TIMEOUT_MILLIS, repositoryOf } from "./place.ts"
import type { World } from "./World.ts"

const asked = (given: Given, world: World, args: ReadonlyArray<string>): Effect.Effect<string> =>
  GitProgram.run({ args, cwd: repositoryOf(given, world), timeoutMillis: REMOTE_TIMEOUT_MILLIS }).pipe(
    Effect.map(({ exitCode, stdout }) => (exitCode === 0 ? stdout.toString("utf8") : "")),
    Effect.catch(() => Effect.succeed(""))
  )

const remoteOf = (given: Given): string => given.text("remote") ?? "origin"

const isSet = (text: string | undefined): text is string => text !== undefined && text !== ""

/** The repository on the forge: what the environment of a workflow says, else what the remote's address names. */
export const repositoryOnForge = Effect.fn("repositoryOnForge")(function* (given: Given, world: World, need: string) {
  const { GH_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN } = world.environment
  const token = isSet(GITHUB_TOKEN) ? GITHUB_TOKEN : GH_TOKEN
  if (!isSet(token)) {
    return yield* refuse(`GITHUB_TOKEN is missing, and GH_TOKEN too: ${need}`)
  }
  const address = parseAddress((yield* asked(given, world, ["remote", "get-url", remoteOf(given)])).trim())
  const named = isSet(GITHUB_REPOSITORY) ? parseName(GITHUB_REPOSITORY) : address
  if (named === undefined) {
    return yield* refuse(
      isSet(GITHUB_REPOSITORY)
        ? `GITHUB_REPOSITORY: found ${JSON.stringify(GITHUB_REPOSITORY)}, expected OWNER/NAME`
        : `GITHUB_REPOSITORY is missing, and the address of ${remoteOf(given)} names no repository on a forge: set it to OWNER/NAME`
    )
  }
  const host = isSet(GITHUB_REPOSITORY) ? "github.com" : (address?.host ?? "github.com")
  const baseUrl = isSet(GITHUB_API_URL) ? GITHUB_API_URL : apiOf(host)
  if (baseUrl === undefined) {
    return yield* refuse(
      `GITHUB_API_URL is missing: ${remoteOf(given)} is on ${host}, and no token goes there unless its API is named, such as https://${host}/api/v3`
    )
  }
  if (!isTrusted(baseUrl)) {
    return yield* refuse("GITHUB_API_URL: expected an https address without credentials: a token would be sent there")
  }
  const repository: GitHubRepository = {
    baseUrl,
    owner: named.owner,
    // What stands on this machine asks for no distance between writes.
    ...(isHere(baseUrl) ? { pace: { isSpaced: false } } : {}),
    repository: named.repository,
    token: Redacted.make(token)
  }
  return repository
})

/**
 * The forge that a command asks, as far as the environment and the remote say which. `need` names the permission that a
 * token has to have.
 */
export const forgeOf = (given: Given, world: World, need: string): Effect.Effect<Layer.Layer<Forge>, InputUnusable> =>
  Effect.map(repositoryOnForge(given, world, need), OctokitForge.layer)

/** The branch that pull requests go to: the policy's, or what the remote's HEAD names. */
export const baseOf = Effect.fn("baseOf")(function* (given: Given, world: World, contentBranch: string | undefined) {
  if (contentBranch !== undefined) return contentBranch
  const listed = yield* asked(given, world, ["ls-remote", "--symref", remoteOf(given), "HEAD"])
  const head = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1]
  return head ?? (yield* refuse("content_branch is missing from the policy, and the remote's HEAD names no branch"))
})
