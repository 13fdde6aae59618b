/**
 * The forge on GitHub, through Octokit with its plugins for retrying and throttling. A request that only reads, or that
 * does no harm twice, is repeated after an answer of 5xx or none; one that opens something is not.
 */
import { Forge } from "@batchbrake/core/port/Forge"
import * as Layer from "effect/Layer"
import type { GitHubRepository } from "./GitHubRepository.ts"
import { makeClient } from "./internal/Client.ts"
import { issuesOn } from "./internal/issues.ts"
import { pullRequestsOn } from "./internal/pullRequests.ts"
import { runsOn } from "./internal/runs.ts"

/** The pull requests, issues, checks and runs of one repository. */
export const layer = (repository: GitHubRepository): Layer.Layer<Forge> =>
  Layer.sync(Forge, () => {
    const client = makeClient(repository)
    return {
      ...issuesOn(client),
      ...pullRequestsOn(client, repository.owner),
      ...runsOn(client),
      name: client.name
    }
  })
