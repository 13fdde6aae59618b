import ts from "typescript"
import { nodesOf, parse, placeOf } from "./syntax.ts"
import { isPure, sourcesOf, type TextFile } from "./TextFile.ts"

/** Reading any of these makes the answer depend on when or where it was asked. */
const WORLDLY = new Set([
  "process",
  "globalThis",
  "fetch",
  "console",
  "crypto",
  "performance",
  "setTimeout",
  "setInterval"
])

/** The global object or function that a node reads, if it reads one: not a property, key or declaration of that name. */
const isRead = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent) || ts.isTypeReferenceNode(parent)) return false
  return ts.isExpression(parent)
    ? !ts.isFunctionLike(parent)
    : ts.isVariableDeclaration(parent) && parent.initializer === node
}

const impurityOf = (node: ts.Node): string | undefined => {
  if (ts.isTryStatement(node)) return "try"
  if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword) return "async"
  if (!ts.isIdentifier(node) || !isRead(node)) return undefined
  if (node.text === "Date") {
    // The calendar is arithmetic; only reading the clock, or the machine's time zone, is not.
    return ts.isPropertyAccessExpression(node.parent) && node.parent.name.text === "UTC" ? undefined : "Date"
  }
  if (node.text === "Math")
    return ts.isPropertyAccessExpression(node.parent) && node.parent.name.text === "random" ? "Math.random" : undefined
  return WORLDLY.has(node.text) ? node.text : undefined
}

/** What core's pure folders may not do: read a clock, chance or the process, wait, or catch. */
export const findImpurities = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  sourcesOf(files)
    .filter(({ path }) => isPure(path))
    .flatMap((file) => {
      const source = parse(file)
      return [...nodesOf(source)].flatMap((node) => {
        const impurity = impurityOf(node)
        return impurity === undefined ? [] : [`${placeOf(source, node)} uses ${impurity} in a pure folder`]
      })
    })
