import { strict as assert } from "node:assert"
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import type { IncomingMessage } from "node:http"
import { join } from "node:path"
import { layerRemote } from "@batchbrake/adapters-git/GitControlStore"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, describe, it } from "vitest"
import { Inherited } from "../src/internal/environment.ts"
import { fingerprint } from "./support/fingerprint.ts"
import { type Fault, type GitHttpServer, serveGit } from "./support/GitHttpServer.ts"
import { processesNaming } from "./support/processesNaming.ts"
import { change, failureIn, NOTHING, SECRET, withStore } from "./support/runStore.ts"
import { git, makeSandbox, type Sandbox } from "./support/Sandbox.ts"

const branch = "batch-control"

let sandbox: Sandbox
let server: GitHttpServer | undefined
let repositoryBefore: ReadonlyArray<string>
beforeEach(() => {
  sandbox = makeSandbox()
  repositoryBefore = fingerprint(sandbox.clone)
})
afterEach(async () => {
  const repositoryAfter = fingerprint(sandbox.clone)
  await server?.close()
  server = undefined
  sandbox.dispose()
  assert.deepEqual(repositoryAfter, repositoryBefore)
})

const layerFor = (remote: string, timeoutMillis = 20_000) =>
  layerRemote({ branch, remote, repository: sandbox.clone, timeoutMillis })

/** The address of the remote on a server with a fault, with a name and the secret in it. */
const serve = async (fault: Fault): Promise<string> => {
  server = await serveGit(sandbox.directory, fault)
  return `${server.url.replace("//", `//user:${SECRET}@`)}/remote.git`
}
const create = (layer: ReturnType<typeof layerFor>): Promise<string> =>
  withStore(layer, (store) => store.commit(undefined, change("one")))
const branches = (): string => git(sandbox.remote, "for-each-ref", "--format=%(refname:short)")
const isPush = ({ method, url = "" }: IncomingMessage): boolean => method === "POST" && url.endsWith("git-receive-pack")

const hook = (name: string, script: string): void => {
  const path = join(sandbox.remote, "hooks", name)
  mkdirSync(join(sandbox.remote, "hooks"), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

describe("A remote that refuses the credentials", () => {
  it.each([401, 403])("with %d is a refusal that says what to set", async (status) => {
    const address = await serve({
      instead: (_, response) => {
        response.writeHead(status, { "www-authenticate": 'Basic realm="git"' }).end("no")
        return true
      }
    })
    for (const failure of [
      await failureIn(layerFor(address), (store) => store.read(NOTHING)),
      await failureIn(layerFor(address), (store) => store.commit(undefined, change("one")))
    ]) {
      assert.equal(failure._tag, "StoreRefused", failure.message)
      assert.match(failure.message, /batch-control on http:\/\/\*\*\*@127\.0\.0\.1.* refused: .*credential/)
    }
    assert.equal(branches(), "main")
  })

  it("for writing alone can still be read", async () => {
    const first = await create(layerFor(sandbox.remote))
    const address = await serve({
      instead: ({ url = "" }, response) => {
        if (!url.includes("receive-pack")) return false
        response.writeHead(403).end()
        return true
      }
    })
    const failure = await failureIn(layerFor(address), (store) =>
      Effect.flatMap(store.read(NOTHING), ({ version }) => store.commit(version, change("two")))
    )
    assert.equal(failure._tag, "StoreRefused", failure.message)
    assert.equal(git(sandbox.remote, "rev-parse", branch), first)
  })
})

describe("A remote behind ssh", () => {
  /** A stand-in for ssh that notes its arguments and ends as the real one does. */
  const inheriting = (words: string) => {
    const path = join(sandbox.directory, "ssh")
    writeFileSync(path, `#!/bin/sh\necho "$@" >> '${path}.log'\necho '${words}' >&2\nexit 255\n`)
    chmodSync(path, 0o755)
    const { GIT_SSH, GIT_SSH_COMMAND, ...rest } = process.env
    return { ...rest, PATH: `${sandbox.directory}:${process.env.PATH}` }
  }
  const readOver = (words: string) =>
    failureIn(layerFor("ssh://git@127.0.0.1/remote.git"), (store) =>
      Effect.provideService(store.read(NOTHING), Inherited, inheriting(words))
    )

  it("that refuses the key, refuses; nobody was asked for another", async () => {
    const failure = await readOver("git@127.0.0.1: Permission denied (publickey).")
    assert.equal(failure._tag, "StoreRefused", failure.message)
    assert.match(failure.message, /Permission denied \(publickey\)\.; add an ssh key/)
    assert.match(readFileSync(join(sandbox.directory, "ssh.log"), "utf8"), /BatchMode=yes/)
  })

  it("that is not known, is refused", async () => {
    const failure = await readOver("Host key verification failed.")
    assert.equal(failure._tag, "StoreRefused", failure.message)
    assert.match(failure.message, /known_hosts/)
  })

  it("that cannot be resolved, is unavailable", async () => {
    const failure = await readOver("ssh: Could not resolve hostname forge: Name or service not known")
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /Could not resolve hostname/)
  })
})

describe("A remote that is not there", () => {
  it("because its directory is gone, is unavailable and not a missing branch", async () => {
    rmSync(sandbox.remote, { recursive: true })
    for (const failure of [
      await failureIn(layerFor("origin"), (store) => store.read(NOTHING)),
      await failureIn(layerFor("origin"), (store) => store.commit(undefined, change("one")))
    ]) {
      assert.equal(failure._tag, "StoreUnavailable", failure.message)
      assert.match(failure.message, /does not appear to be a git repository; check the remote's address/)
      assert.ok("mayHaveLanded" in failure && !failure.mayHaveLanded)
    }
  })

  it("because nobody listens, is unavailable", async () => {
    const address = await serve({})
    await server?.close()
    for (const failure of [
      await failureIn(layerFor(address), (store) => store.read(NOTHING)),
      await failureIn(layerFor(address), (store) => store.commit(undefined, change("one")))
    ]) {
      assert.equal(failure._tag, "StoreUnavailable", failure.message)
      assert.match(failure.message, /Failed to connect.*; check the network/)
      assert.ok("mayHaveLanded" in failure && !failure.mayHaveLanded)
    }
  })

  it("because it was never configured, is unavailable", async () => {
    const failure = await failureIn(layerFor("upstream"), (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreUnavailable")
    assert.match(failure.message, /'upstream' does not appear to be a git repository; check .*git remote -v/)
  })

  it("because the repository is none, is unavailable", async () => {
    const layer = layerRemote({ branch, remote: "origin", repository: sandbox.directory, timeoutMillis: 5_000 })
    const failure = await failureIn(layer, (store) => store.read(NOTHING))
    assert.equal(failure._tag, "StoreUnavailable")
    assert.match(failure.message, /not a git repository.*--repo/)
  })

  it("because the directory does not exist, is unavailable", async () => {
    const repository = join(sandbox.directory, "nowhere")
    const layer = layerRemote({ branch, remote: "origin", repository, timeoutMillis: 5_000 })
    const failure = await failureIn(layer, (store) => store.read(NOTHING))
    assert.match(failure.message, /nowhere does not exist; check --repo/)
  })
})

describe("A remote that does not answer", () => {
  it.each(["read", "commit"] as const)("ends a %s in time and leaves no process behind", async (operation) => {
    const address = await serve({ instead: () => true })
    const started = performance.now()
    const layer = layerFor(address, 500)
    const failure =
      operation === "read"
        ? await failureIn(layer, (store) => store.read(NOTHING))
        : await failureIn(layer, (store) => store.commit(undefined, change("one")))
    assert.ok(performance.now() - started < 5_000)
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.match(failure.message, /no answer within 0\.5 s; check the network/)
    assert.deepEqual(processesNaming(`:${server?.port}/`), [])
    assert.equal(branches(), "main")
  })

  it("does not outlive an interruption", async () => {
    const address = await serve({ instead: () => true })
    const ended = await withStore(layerFor(address), (store) => Effect.result(Effect.timeout(store.read(NOTHING), 400)))
    assert.equal(ended._tag, "Failure")
    assert.deepEqual(processesNaming(`:${server?.port}/`), [])
  })
})

describe("A write whose answer is lost", () => {
  it("may have landed, and says so", async () => {
    const address = await serve({ hangsUp: isPush })
    const failure = await failureIn(layerFor(address), (store) => store.commit(undefined, change("one")))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.ok("mayHaveLanded" in failure && failure.mayHaveLanded)
    assert.equal(git(sandbox.remote, "show", `${branch}:batch-control.json`), "one")
  })

  it("may have landed, when the server takes too long after it has written", async () => {
    hook("post-receive", "sleep 20")
    const failure = await failureIn(layerFor("origin", 1_500), (store) => store.commit(undefined, change("one")))
    assert.equal(failure._tag, "StoreUnavailable", failure.message)
    assert.ok("mayHaveLanded" in failure && failure.mayHaveLanded)
    assert.equal(git(sandbox.remote, "show", `${branch}:batch-control.json`), "one")
  })

  it("has landed when the server is merely slow", async () => {
    hook("post-receive", "sleep 0.3")
    assert.equal(await create(layerFor("origin")), git(sandbox.remote, "rev-parse", branch))
  })
})
