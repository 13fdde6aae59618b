import { strict as assert } from "node:assert"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { layerLocal, layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, it } from "vitest"
import { environmentFor, Inherited } from "../src/internal/environment.ts"
import { type GitHttpServer, serveGit } from "./support/GitHttpServer.ts"
import { change, NOTHING, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const TOKEN = "Basic dGVzdDp0b2tlbg=="

describe("The remote is reached as the user's repository reaches it", () => {
  let sandbox: Sandbox
  let server: GitHttpServer
  beforeEach(async () => {
    sandbox = makeSandbox()
    server = await serveGit(sandbox.directory, {
      instead: (request, response) => {
        if (request.headers.authorization === TOKEN) return false
        response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end()
        return true
      }
    })
    git(sandbox.clone, "remote", "set-url", "origin", `${server.url}/remote.git`)
  })
  afterEach(async () => {
    await server.close()
    sandbox.dispose()
  })

  const layerFor = (remote = "origin") =>
    layerRemote({ branch: "batch-control", remote, repository: sandbox.clone, timeoutMillis: 20_000 })
  const create = (remote?: string): Promise<string> =>
    withStore(layerFor(remote), (store) => store.commit(undefined, change("one")))
  const tip = (): string => git(sandbox.remote, "rev-parse", "refs/heads/batch-control")
  const key = (): string => `http.${server.url}/.extraheader`

  it("with the header that a checkout step keeps in the local configuration", async () => {
    git(sandbox.clone, "config", key(), `Authorization: ${TOKEN}`)
    assert.equal(await create(), tip())
  })

  it("with the header in a file that the configuration includes for this repository only", async () => {
    const included = join(sandbox.directory, "credentials.config")
    git(sandbox.directory, "config", "--file", included, key(), `Authorization: ${TOKEN}`)
    git(sandbox.clone, "config", `includeIf.gitdir:${join(sandbox.clone, ".git")}.path`, included)
    assert.equal(await create(), tip())
  })

  it("with a global header, which is sent once", async () => {
    const home = join(sandbox.directory, "home")
    mkdirSync(home)
    git(sandbox.directory, "config", "--file", join(home, ".gitconfig"), key(), `Authorization: ${TOKEN}`)
    git(sandbox.directory, "config", "--file", join(home, ".gitconfig"), "--add", key(), "X-Note: one")
    const inherited = { ...process.env, GIT_CONFIG_GLOBAL: undefined, HOME: home, XDG_CONFIG_HOME: home }
    const version = await withStore(layerFor(), (store) =>
      Effect.provideService(store.commit(undefined, change("one")), Inherited, inherited)
    )
    assert.equal(version, tip())
    assert.ok(server.requests.every((request) => !request.includes(`${TOKEN}, `)))
  })

  it("with a header given in the environment", async () => {
    const inherited = {
      ...process.env,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: key(),
      GIT_CONFIG_VALUE_0: `Authorization: ${TOKEN}`
    }
    const version = await withStore(layerFor(), (store) =>
      Effect.provideService(store.commit(undefined, change("one")), Inherited, inherited)
    )
    assert.equal(version, tip())
  })

  it("with a credential helper of the repository", async () => {
    git(sandbox.clone, "config", "credential.helper", "!f() { echo username=test; echo password=token; }; f")
    assert.equal(await create(), tip())
  })

  it("through an alias for the address", async () => {
    git(sandbox.clone, "config", key(), `Authorization: ${TOKEN}`)
    git(sandbox.clone, "config", `url.${server.url}/.insteadOf`, "forge:")
    git(sandbox.clone, "remote", "set-url", "origin", "forge:remote.git")
    assert.equal(await create(), tip())
  })

  it("with the password in the address, given as an address", async () => {
    const address = server.url.replace("//", "//test:token@")
    assert.equal(await create(`${address}/remote.git`), tip())
  })

  it("and only the first of several addresses is written", async () => {
    git(sandbox.clone, "config", key(), `Authorization: ${TOKEN}`)
    const mirror = join(sandbox.directory, "mirror.git")
    git(sandbox.directory, "init", "-q", "--bare", mirror)
    git(sandbox.clone, "remote", "set-url", "--add", "origin", mirror)
    assert.equal(await create(), tip())
    assert.equal(git(mirror, "for-each-ref"), "")
  })
})

describe("A hook's environment does not lead git astray", () => {
  let sandbox: Sandbox
  beforeEach(() => {
    sandbox = makeSandbox()
  })
  afterEach(() => sandbox.dispose())

  it("in either store", async () => {
    const inherited = {
      ...process.env,
      GIT_DIR: "/nowhere",
      GIT_INDEX_FILE: "/nowhere/index",
      GIT_OBJECT_DIRECTORY: "/nowhere/objects",
      GIT_QUARANTINE_PATH: "/nowhere/objects/incoming",
      GIT_WORK_TREE: "/nowhere"
    }
    const branch = "batch-control"
    const repository = sandbox.clone
    for (const layer of [
      layerLocal({ branch, repository }),
      layerRemote({ branch, remote: "origin", repository, timeoutMillis: 20_000 })
    ]) {
      const snapshot = await withStore(layer, (store) =>
        Effect.provideService(
          Effect.andThen(store.commit(undefined, change("one")), store.read(NOTHING)),
          Inherited,
          inherited
        )
      )
      assert.equal(snapshot.files.get("batch-control.json"), "one")
    }
  })

  it("and what the user chose for credentials stays, while nobody is asked", () => {
    const variables = environmentFor({ GIT_ASKPASS: "/bin/token", GIT_INDEX_FILE: "x", SSH_ASKPASS: "/bin/window" })
    assert.deepEqual(variables, {
      GCM_INTERACTIVE: "never",
      GIT_ASKPASS: "/bin/token",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_TERMINAL_PROMPT: "0",
      LC_ALL: "C",
      SSH_ASKPASS_REQUIRE: "never"
    })
  })
})
