/** Random edits of a small registry: texts that can be edited apart, modes, links, renames, files that become directories. */
import * as fc from "fast-check"

export interface Content {
  readonly mode: "100644" | "100755" | "120000"
  readonly text: string
}

/** Path -> what it holds. */
export type Tree = ReadonlyMap<string, Content>

export type Edit =
  /** Changes one line of a text, or makes one. */
  | { readonly kind: "write"; readonly path: string; readonly line: number; readonly value: number }
  | { readonly kind: "delete"; readonly path: string }
  /** Makes a file executable, or takes that back. */
  | { readonly kind: "mode"; readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly to: string }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }

/** What a batch works on. One path is the directory of two others: only one of both can be there. */
const POOL = ["a.toml", "b.toml", "c.sh", "d", "d/e.toml", "d/f.toml", "ünï code.toml"].map((name) => `recipes/${name}`)
const BESIDE = ["recipes/beside/one.toml", "recipes/beside/two.toml", "docs/notes.md"]
const LINES = 9

export const isBeside = (path: string): boolean => BESIDE.includes(path)

const editOf = (paths: ReadonlyArray<string>): fc.Arbitrary<Edit> => {
  const path = fc.constantFrom(...paths)
  const write = fc.record({
    kind: fc.constant("write" as const),
    line: fc.constantFrom(0, 4, 8),
    path,
    value: fc.constantFrom(1, 2)
  })
  return fc.oneof(
    { arbitrary: write, weight: 5 },
    { arbitrary: fc.record({ kind: fc.constant("delete" as const), path }), weight: 2 },
    { arbitrary: fc.record({ kind: fc.constant("mode" as const), path }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant("link" as const), path, to: path }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant("rename" as const), path, to: path }), weight: 1 }
  )
}

export const poolEdits = fc.array(editOf(POOL), { maxLength: 5, minLength: 1 })
export const besideEdits = fc.array(editOf(BESIDE), { maxLength: 2 })

const BLANK: Content = { mode: "100644", text: "0\n".repeat(LINES) }

export const BEGINNING: Tree = new Map(
  ["recipes/a.toml", "recipes/b.toml", "recipes/d/e.toml", "recipes/beside/one.toml"].map((path) => [path, BLANK])
)

/** Puts a file, in whose way neither a file nor a directory can stay. */
const put = (tree: Tree, path: string, content: Content): Tree =>
  new Map([
    ...[...tree].filter(([other]) => !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`)),
    [path, content]
  ])

const without = (tree: Tree, path: string): Tree => new Map([...tree].filter(([other]) => other !== path))

const written = ({ mode, text }: Content, line: number, value: number): Content =>
  mode === "120000"
    ? written(BLANK, line, value)
    : {
        mode,
        text: text
          .split("\n")
          .map((old, index) => (index === line ? String(value) : old))
          .join("\n")
      }

const edited = (tree: Tree, edit: Edit): Tree => {
  const { path } = edit
  const content = tree.get(path)
  if (edit.kind === "write") return put(tree, path, written(content ?? BLANK, edit.line, edit.value))
  if (edit.kind === "link") return put(tree, path, { mode: "120000", text: edit.to })
  if (content === undefined) return tree
  if (edit.kind === "delete") return without(tree, path)
  if (edit.kind === "rename") return put(without(tree, path), edit.to, content)
  if (content.mode === "120000") return tree
  return put(tree, path, { ...content, mode: content.mode === "100644" ? "100755" : "100644" })
}

export const editedBy = (tree: Tree, edits: ReadonlyArray<Edit>): Tree => edits.reduce(edited, tree)
