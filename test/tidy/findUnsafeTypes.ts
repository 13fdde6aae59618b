import ts from "typescript"
import { nodesOf, parse, placeOf } from "./syntax.ts"
import { sourcesOf, type TextFile } from "./TextFile.ts"

/** Places where the source tells the compiler to look away: `any`, `!`, and the comments that silence it. */
export const findUnsafeTypes = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  sourcesOf(files).flatMap((file) => {
    const source = parse(file)
    const faults = [...nodesOf(source)].flatMap((node) => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) return [`${placeOf(source, node)} says any`]
      if (ts.isNonNullExpression(node)) return [`${placeOf(source, node)} asserts with !`]
      return []
    })
    return /@ts-(ignore|nocheck|expect-error)/.test(file.text)
      ? [...faults, `${file.path} silences the compiler`]
      : faults
  })
