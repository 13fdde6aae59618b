/** What the platform keeps of a pull request beside the branches: its head, and what merging it would make. */
import type { Workshop } from "../Workshop.ts"

/** Makes both from what is checked out, as if it were to land on `base`; answers the name of the head. */
export const pullReferences = ({ clone, git }: Workshop, number: number, base: string): string => {
  const head = git(clone, "rev-parse", "HEAD")
  const tree = git(clone, "merge-tree", "--write-tree", base, head)
  const merge = git(clone, "commit-tree", "-p", base, "-p", head, "-m", "Merge", tree)
  const [own, merged] = [`refs/pull/${number}/head`, `refs/pull/${number}/merge`]
  git(clone, "push", "-q", "--force", "origin", `${head}:${own}`, `${merge}:${merged}`)
  return own
}
