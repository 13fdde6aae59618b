/** GitHub's side of the control store over a real bare repository: git's plumbing behind the published API. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileOf, found, type Git, gitIn, lineOf, partsOf, readObject } from "./bareObjects.ts"
import type { Asked, Behaviour, Reply } from "./GitHubServer.ts"
import { QueryError } from "./Query.ts"
import { sample } from "./sample.ts"

/** Texts longer than this are cut short in a query, as GitHub does with large ones. */
const LONGEST_TEXT = 500_000
interface CommitInput {
  readonly input: {
    readonly branch: { readonly branchName: string; readonly repositoryNameWithOwner: string }
    readonly expectedHeadOid: string
    readonly message: { readonly headline: string; readonly body?: string | null }
    readonly fileChanges: {
      readonly additions: ReadonlyArray<{ readonly path: string; readonly contents: string }>
      readonly deletions: ReadonlyArray<{ readonly path: string }>
    }
  }
}

const pastOf = (git: Git, from: string, first: number, after: string | null) => {
  const all = lineOf(git, ["rev-list", "--first-parent", from]).split("\n")
  const start = after === null ? 0 : Number(after)
  const end = start + Math.min(first, PAGE)
  return {
    nodes: all.slice(start, end).map((oid) => commitOf(git, oid)),
    pageInfo: { endCursor: String(end), hasNextPage: end < all.length }
  }
}

/** Shorter pages than are asked for, as GitHub may give. */
const PAGE = 2

const commitOf = (git: Git, oid: string): object => ({
  __typename: "Commit",
  file: ({ path }: { readonly path: string }) => fileOf(git, oid, path),
  history: ({ after, first }: { readonly after: string | null; readonly first: number }) =>
    pastOf(git, oid, first, after),
  message: () => partsOf(git, oid).message,
  oid,
  parents: () => ({ nodes: partsOf(git, oid).parents.map((parent) => ({ oid: parent })) }),
  tree: () => ({ oid: partsOf(git, oid).tree })
})

const objectOf = (git: Git, oid: string): object | null => {
  const stored = readObject(git, oid)
  if (stored === undefined) return null
  if (stored.type === "commit") return commitOf(git, oid)
  // What is not told apart there: a byte order mark, and the rest of a long text.
  const text = new TextDecoder().decode(stored.bytes).slice(0, LONGEST_TEXT)
  return { __typename: "Blob", isTruncated: stored.bytes.length > LONGEST_TEXT, text }
}

const blobFrom = (git: Git, content: string | Buffer): string => lineOf(git, ["hash-object", "-w", "--stdin"], content)

const commitOn = (git: Git, directory: string, { input }: CommitInput): object => {
  const { additions, deletions } = input.fileChanges
  const reference = `refs/heads/${input.branch.branchName}`
  const head = found(git, reference)
  if (head === undefined) throw new QueryError("NOT_FOUND", "Branch not found")
  if (head !== input.expectedHeadOid) {
    const words = `Expected branch to point to "${input.expectedHeadOid}" but it did not.  Pull and try again.`
    throw new QueryError("STALE_DATA", words)
  }
  const index = { GIT_INDEX_FILE: join(directory, "index-of-the-api") }
  rmSync(index.GIT_INDEX_FILE, { force: true })
  git(["read-tree", head], undefined, index)
  for (const { path } of deletions) {
    if (fileOf(git, head, path) === null) throw new QueryError("UNPROCESSABLE", `There is no ${path} to delete`)
  }
  const lines = [
    ...deletions.map(({ path }) => `0 ${"0".repeat(40)}\t${path}\n`),
    ...additions.map(({ contents, path }) => `100644 ${blobFrom(git, Buffer.from(contents, "base64"))}\t${path}\n`)
  ]
  git(["update-index", "--index-info"], lines.join(""), index)
  const tree = lineOf(git, ["write-tree"], undefined, index)
  const { body, headline } = input.message
  const message = `${headline}${body == null || body === "" ? "" : `\n\n${body}`}`
  const made = lineOf(git, ["commit-tree", tree, "-p", head, "-F", "-"], message)
  git(["update-ref", reference, made, head])
  return { commit: commitOf(git, made) }
}

const ROUTES: ReadonlyArray<readonly [string, RegExp, (git: Git, name: string, body: never) => unknown]> = [
  [
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
    /\/git\/trees\/(\w+)$/,
    (git, sha) => ({ sha, tree: entriesOf(git, sha), truncated: false })
  ],
  [
    "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
    /\/git\/blobs\/(\w+)$/,
    (git, sha) => ({
      content: git(["cat-file", "blob", sha])
        .toString("base64")
        .replace(/(.{60})/g, "$1\n"),
      encoding: "base64",
      sha
    })
  ],
  [
    "POST /repos/{owner}/{repo}/git/trees",
    /\/git\/trees$/,
    (git, _, { tree }: { readonly tree: ReadonlyArray<{ readonly path: string; readonly content: string }> }) => {
      const directory = mkdtempSync(join(tmpdir(), "tree-"))
      const index = { GIT_INDEX_FILE: join(directory, "index") }
      const lines = tree.map(({ content, path }) => `100644 ${blobFrom(git, content)}\t${path}\n`)
      git(["update-index", "--index-info"], lines.join(""), index)
      const sha = lineOf(git, ["write-tree"], undefined, index)
      rmSync(directory, { force: true, recursive: true })
      return { sha, truncated: false }
    }
  ],
  [
    "POST /repos/{owner}/{repo}/git/commits",
    /\/git\/commits$/,
    (git, _, { message, tree }: { readonly message: string; readonly tree: string }) => ({
      message,
      sha: lineOf(git, ["commit-tree", tree, "-F", "-"], message)
    })
  ],
  [
    "POST /repos/{owner}/{repo}/git/refs",
    /\/git\/refs$/,
    (git, _, { ref, sha }: { readonly ref: string; readonly sha: string }) => {
      git(["update-ref", ref, sha, "0".repeat(40)])
      return { object: { sha, type: "commit" }, ref }
    }
  ]
]

const entriesOf = (git: Git, sha: string): ReadonlyArray<object> =>
  git(["ls-tree", "-r", "-t", "-z", sha])
    .toString("utf8")
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [entry = "", path = ""] = line.split("\t")
      const [mode, type, id] = entry.split(" ")
      return { mode, path, sha: id, type }
    })

const replyTo = (git: Git, { body, method, path }: Asked): Reply => {
  for (const [route, shape, answer] of ROUTES) {
    const matched = route.startsWith(`${method} `) ? shape.exec(path) : null
    if (matched === null) continue
    const status = method === "POST" ? 201 : 200
    try {
      return { body: sample(route, status, Object(answer(git, matched[1] ?? "", body as never))), status }
    } catch {
      return { body: { documentation_url: "", message: "Reference already exists" }, status: 422 }
    }
  }
  return { body: { message: "Not Found" }, status: 404 }
}

/** A server's behaviour over a repository of its own, and git in it. */
export const bareGitHub = () => {
  const directory = mkdtempSync(join(tmpdir(), "github-"))
  const git = gitIn(directory)
  git(["init", "-q", "--bare", "-b", "main"])
  const behaviour: Behaviour = {
    query: {
      createCommitOnBranch: (given: CommitInput) => commitOn(git, directory, given),
      repository: () => ({
        object: ({ oid }: { readonly oid: string }) => objectOf(git, oid),
        ref: ({ qualifiedName }: { readonly qualifiedName: string }) => {
          const oid = found(git, qualifiedName)
          return oid === undefined ? null : { target: commitOf(git, oid) }
        }
      })
    },
    rest: (asked) => replyTo(git, asked)
  }
  return {
    behaviour,
    dispose: () => rmSync(directory, { force: true, recursive: true }),
    git: (...args: ReadonlyArray<string>) => lineOf(git, args)
  }
}
