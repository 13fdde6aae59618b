import ts from "typescript"
import { nodesOf, parse } from "./syntax.ts"
import type { TextFile } from "./TextFile.ts"

const RULE = /^- \*\*([A-Z]{2,3}\d+)\*\* /gm
const LEADING_IDS = /^(?:\[[A-Z]{2,3}\d+\]\s*)+/
const ID = /[A-Z]{2,3}\d+/g

/** The ids that open a test's name. Skipped and unfinished tests prove nothing and are not counted. */
const idsOfCall = (node: ts.Node): ReadonlyArray<string> => {
  if (!ts.isCallExpression(node)) return []
  const [name] = node.arguments
  if (!/^(it|test)\b/.test(node.expression.getText()) || /\.(skip|todo)/.test(node.expression.getText())) return []
  const text = name === undefined ? undefined : textOf(name)
  return LEADING_IDS.exec(text ?? "")?.[0].match(ID) ?? []
}

const textOf = (name: ts.Node): string | undefined => {
  if (ts.isStringLiteralLike(name)) return name.text
  return ts.isTemplateExpression(name) ? name.head.text : undefined
}

/** SPEC.md and the tests say the same things: each rule has a test, each test id names a rule, and no id stands twice. */
export const matchRulesToTests = (spec: string, tests: ReadonlyArray<TextFile>): ReadonlyArray<string> => {
  const rules = [...spec.matchAll(RULE)].map(([, id = ""]) => id)
  const tested = new Map(
    tests.flatMap((file) => [...nodesOf(parse(file))].flatMap(idsOfCall).map((id) => [id, file.path] as const))
  )
  return [
    ...rules.filter((id, at) => rules.indexOf(id) !== at).map((id) => `SPEC.md gives the id ${id} twice`),
    ...rules.filter((id) => !tested.has(id)).map((id) => `rule ${id} has no test`),
    ...[...tested].filter(([id]) => !rules.includes(id)).map(([id, path]) => `${path} tests ${id}, which is no rule`)
  ]
}
