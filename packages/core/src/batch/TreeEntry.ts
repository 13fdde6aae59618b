/** What stands at a path of a tree: a file's mode and the blob that it holds. Symlinks are blobs too. */
export interface TreeEntry {
  /** 100644, 100755 or 120000 for what a batch may hold; 040000 is a directory, 160000 a submodule. */
  readonly mode: string
  /** The blob's object ID. */
  readonly blob: string
}

/** A path before and after; `undefined`: nothing there. Never both. */
export interface PathChange {
  readonly path: string
  readonly before: TreeEntry | undefined
  readonly after: TreeEntry | undefined
}

/** The same mode and blob, or nothing on either side. */
export const same = (left: TreeEntry | undefined, right: TreeEntry | undefined): boolean =>
  left?.blob === right?.blob && left?.mode === right?.mode

export const isDirectory = (entry: TreeEntry | undefined): boolean => entry?.mode === "040000"

/** The same, or a directory on both sides: its ID changes with whatever is below it, and that is looked at path by path. */
export const alike = (left: TreeEntry | undefined, right: TreeEntry | undefined): boolean =>
  same(left, right) || (isDirectory(left) && isDirectory(right))

/** A file with a text of its own, which a merge can take apart: no symlink, no directory. */
export const isRegular = (entry: TreeEntry | undefined): boolean => entry?.mode === "100644" || entry?.mode === "100755"

/** A blob of any kind: what a batch may put at a path, and take from it. */
export const isBlob = (entry: TreeEntry): boolean => isRegular(entry) || entry.mode === "120000"

/** In the order of their paths, by code unit: one order everywhere. */
export const byPath = (left: { readonly path: string }, right: { readonly path: string }): number =>
  left.path < right.path ? -1 : left.path > right.path ? 1 : 0
