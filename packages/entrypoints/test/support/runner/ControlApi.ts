/**
 * The control branch behind the API of the forge, on the bare repository: what `createCommitOnBranch` makes is said to be
 * signed, and moves the branch from the expected head alone.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Json } from "../Workshop.ts"
import type { Answer, Asked, Behind } from "./ForgeApi.ts"

/** Who commits through the API. */
export const SIGNER = "web-flow"

const PERSON = {
  GIT_AUTHOR_EMAIL: "octocat@example.com",
  GIT_AUTHOR_NAME: "octocat",
  GIT_COMMITTER_EMAIL: "noreply@example.com",
  GIT_COMMITTER_NAME: SIGNER,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1"
}

type Git = (args: ReadonlyArray<string>, input?: string | Buffer, more?: NodeJS.ProcessEnv) => string

const gitIn =
  (cwd: string): Git =>
  (args, input = "", more = {}) =>
    execFileSync("git", args, {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...PERSON, ...more },
      input,
      stdio: ["pipe", "pipe", "ignore"]
    }).trim()

const found = (git: Git, revision: string): string | undefined => {
  try {
    return git(["rev-parse", "--verify", "--quiet", revision])
  } catch {
    return undefined
  }
}

interface File {
  readonly path: string
  /** `undefined`: it goes. */
  readonly text: Buffer | undefined
}

/** The tree of a commit, or none, with these changes. */
const treeWith = (git: Git, base: string | undefined, files: ReadonlyArray<File>): string => {
  const directory = mkdtempSync(join(tmpdir(), "index-"))
  const index = { GIT_INDEX_FILE: join(directory, "index") }
  try {
    if (base !== undefined) git(["read-tree", base], "", index)
    const lines = files.map(({ path, text }) =>
      text === undefined
        ? `0 ${"0".repeat(40)}\t${path}\n`
        : `100644 ${git(["hash-object", "-w", "--stdin"], text)}\t${path}\n`
    )
    git(["update-index", "--index-info"], lines.join(""), index)
    return git(["write-tree"], "", index)
  } finally {
    rmSync(directory, { force: true, recursive: true })
  }
}

const listed = (value: unknown): ReadonlyArray<Json> => (Array.isArray(value) ? value.map(Object) : [])

const stale = (head: string): Answer => ({
  body: {
    data: null,
    errors: [{ message: `Expected branch to point to "${head}" but it did not.`, type: "STALE_DATA" }]
  },
  status: 200
})

export const commitOnBranch = ({ remote }: Behind, { body }: Asked): Answer => {
  const git = gitIn(remote)
  const { branch, expectedHeadOid, fileChanges, message } = Object(Object(body.variables).input)
  const reference = `refs/heads/${branch.branchName}`
  const head = found(git, reference)
  if (head === undefined || head !== expectedHeadOid) return stale(expectedHeadOid)
  const tree = treeWith(git, head, [
    ...listed(fileChanges.deletions).map(({ path }) => ({ path: String(path), text: undefined })),
    ...listed(fileChanges.additions).map(({ contents, path }) => ({
      path: String(path),
      text: Buffer.from(String(contents), "base64")
    }))
  ])
  const words = `${message.headline}${message.body === undefined ? "" : `\n\n${message.body}`}`
  const oid = git(["commit-tree", tree, "-p", head, "-F", "-"], words)
  try {
    git(["update-ref", reference, oid, head])
  } catch {
    return stale(expectedHeadOid)
  }
  return { body: { data: { createCommitOnBranch: { commit: { oid } } } }, status: 200 }
}

/** The head of a branch, and the plain objects by which a branch begins. */
export const plainObject = ({ remote }: Behind, { body, path }: Asked): Answer => {
  const git = gitIn(remote)
  if (path === "/graphql") {
    const oid = found(git, String(Object(body.variables).ref))
    const target =
      oid === undefined ? null : { __typename: "Commit", message: "", oid, tree: { oid: found(git, `${oid}^{tree}`) } }
    return { body: { data: { repository: { ref: target === null ? null : { target } } } }, status: 200 }
  }
  if (path.endsWith("/trees")) {
    const files = listed(body.tree).map(({ content, path }) => ({
      path: String(path),
      text: Buffer.from(String(content))
    }))
    return { body: { sha: treeWith(git, undefined, files) }, status: 201 }
  }
  if (path.endsWith("/commits")) {
    return { body: { sha: git(["commit-tree", String(body.tree), "-F", "-"], String(body.message)) }, status: 201 }
  }
  try {
    git(["update-ref", String(body.ref), String(body.sha), "0".repeat(40)])
    return { body: { object: { sha: body.sha, type: "commit" }, ref: body.ref }, status: 201 }
  } catch {
    return { body: { message: "Reference already exists" }, status: 422 }
  }
}
