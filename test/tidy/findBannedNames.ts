import { posix } from "node:path"
import ts from "typescript"
import { nodesOf, parse, placeOf } from "./syntax.ts"
import { sourcesOf, type TextFile } from "./TextFile.ts"

/** Words that say nothing about what a thing is. */
const BANNED = new Set(["manager", "helper", "helpers", "util", "utils", "common", "data", "info", "impl", "shared"])
const BANNED_FILES = new Set(["types", "constants"])

const wordsOf = (name: string): ReadonlyArray<string> =>
  name.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+/).map((word) => word.toLowerCase())

const isBanned = (name: string): boolean =>
  wordsOf(name).some((word) => BANNED.has(word)) || /^handle($|[A-Z])/.test(name)

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false)

const namesUnder = (name: ts.BindingName): ReadonlyArray<ts.Identifier> =>
  ts.isIdentifier(name)
    ? [name]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesUnder(element.name) : []))

const exportedNamesOf = (statement: ts.Statement): ReadonlyArray<ts.Node> => {
  if (ts.isExportDeclaration(statement))
    return statement.exportClause === undefined
      ? []
      : ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.map(({ name }) => name)
        : [statement.exportClause.name]
  if (!isExported(statement)) return []
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => namesUnder(name))
  return [...nodesOf(statement)].filter((node) => node.parent === statement && ts.isIdentifier(node)).slice(0, 1)
}

const faultsOfPath = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/").slice(3)
  const stem = posix.basename(path).replace(/\.m?ts$/, "")
  return parts.some((part) => isBanned(part.replace(/\.m?ts$/, ""))) || BANNED_FILES.has(stem)
    ? [`${path} is named after nothing in the domain`]
    : []
}

/** Files and exported things whose names say nothing. */
export const findBannedNames = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  sourcesOf(files).flatMap((file) => {
    const source = parse(file)
    const faults = source.statements
      .flatMap(exportedNamesOf)
      .filter((name) => isBanned(name.getText(source)))
      .map((name) => `${placeOf(source, name)} exports the empty name ${name.getText(source)}`)
    return [...faultsOfPath(file.path), ...faults]
  })
