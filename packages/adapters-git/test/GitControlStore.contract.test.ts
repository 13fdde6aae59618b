import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import type { ControlStore } from "@batchbrake/core/port/ControlStore"
import { controlStoreContract } from "@batchbrake/core/testing/ControlStoreContract"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { afterAll, beforeAll, describe, it } from "vitest"
import { type GitHttpServer, serveGit } from "./support/GitHttpServer.ts"
import { makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const timeoutMillis = 20_000

type MakeLayer = (sandbox: Sandbox, branch: string) => Layer.Layer<ControlStore>

/** Each check has a branch of its own, all have one sandbox. */
const keepsTheContract = (name: string, makeLayer: MakeLayer, format: "sha1" | "sha256" = "sha1"): void => {
  describe(`The control store ${name} keeps the contract`, () => {
    let sandbox: Sandbox
    beforeAll(() => {
      sandbox = makeSandbox(format)
    })
    afterAll(() => sandbox.dispose())
    const numbered = controlStoreContract.map((check, number) => ({ ...check, branch: `control/${number}` }))
    it.each(numbered)("$name", ({ branch, run }) => Effect.runPromise(Effect.provide(run, makeLayer(sandbox, branch))))
  })
}

const remoteAt = (address: (sandbox: Sandbox) => string): MakeLayer => {
  return (sandbox, branch) =>
    layerRemote({ branch, remote: address(sandbox), repository: sandbox.clone, timeoutMillis })
}

const local: MakeLayer = ({ clone }, branch) => layerLocal({ branch, repository: clone })

keepsTheContract("on a local reference", local)
keepsTheContract("on a local reference of a SHA-256 repository", local, "sha256")
keepsTheContract(
  "on a SHA-256 remote that is a path",
  remoteAt(() => "origin"),
  "sha256"
)
keepsTheContract(
  "on a remote behind file://",
  remoteAt(({ remote }) => `file://${remote}`)
)

describe("Over HTTP", () => {
  let server: GitHttpServer
  beforeAll(async () => {
    server = await serveGit("/")
  })
  afterAll(() => server.close())
  keepsTheContract(
    "on a remote behind smart HTTP",
    remoteAt(({ remote }) => `${server.url}${remote}`)
  )
})
