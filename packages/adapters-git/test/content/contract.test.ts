import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitContentRepository"
import type { ContentRepository } from "@batchbrake/core/port/ContentRepository"
import { type ContentBench, contentRepositoryContract } from "@batchbrake/core/testing/ContentRepositoryContract"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, it } from "vitest"
import { blobOf, makeCommits } from "../support/fastImport.ts"
import { file } from "../support/runContent.ts"
import { git, makeSandbox, type Sandbox } from "../support/Sandbox.ts"

interface Kind {
  readonly kind: string
  readonly format: "sha1" | "sha256"
  /** Where people's commits come from. */
  readonly home: (sandbox: Sandbox) => string
  readonly layer: (sandbox: Sandbox, branch: string) => Layer.Layer<ContentRepository>
}

const local: Kind = {
  format: "sha1",
  home: ({ clone }) => clone,
  kind: "in the repository itself",
  layer: ({ clone }, branch) => layerLocal({ branch, repository: clone })
}
const remote: Kind = {
  format: "sha1",
  home: (sandbox) => sandbox.remote,
  kind: "on a remote",
  layer: ({ clone }, branch) => layerRemote({ branch, remote: "origin", repository: clone, timeoutMillis: 20_000 })
}

/** Content branches of their own in one repository, made as `git fast-import` makes them. */
const benchIn = (repository: string, number: number): ContentBench => {
  const main = `content/${number}`
  const branch = (name: string): string => `of/${number}/${name}`
  const made = (commit: Parameters<typeof makeCommits>[1][number]): string => makeCommits(repository, [commit])[0] ?? ""
  made({ branch: main, message: "Begin", put: {} })
  return {
    branch,
    commit: (message, put, side = main) => {
      const isNew = git(repository, "for-each-ref", `refs/heads/${side}`) === ""
      const from = `refs/heads/${isNew ? main : side}^0`
      return made({ branch: side, from, message, put })
    },
    entryOf: (text) => file(blobOf(repository, text)),
    merge: (side, message, put) =>
      made({ branch: main, from: `refs/heads/${main}^0`, merge: `refs/heads/${side}`, message, put })
  }
}

describe.each([local, { ...local, format: "sha256" as const }, remote])(
  "The content repository $kind ($format) keeps the contract",
  ({ format, home, layer }) => {
    let sandbox: Sandbox
    beforeAll(() => {
      sandbox = makeSandbox(format)
    })
    afterAll(() => sandbox.dispose())
    const numbered = contentRepositoryContract.map((check, number) => ({ ...check, number }))
    it.each(numbered)("$name", ({ number, run }) => {
      const bench = benchIn(home(sandbox), number)
      return Effect.runPromise(Effect.provide(run(bench), layer(sandbox, `content/${number}`)))
    })
  }
)
