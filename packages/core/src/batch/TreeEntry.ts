/** What stands at a path of a tree: a file's mode and the blob that it holds. Symlinks are blobs too. */
export interface TreeEntry {
  /** 100644, 100755 or 120000. */
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
