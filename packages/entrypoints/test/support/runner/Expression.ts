/** Expressions as the platform evaluates them, by its own published evaluator. */
import { data, Evaluator, Lexer, Parser } from "@actions/expressions"

export interface Status {
  /** Whether everything before went well. */
  readonly failed: boolean
  readonly cancelled: boolean
}

export interface Contexts {
  readonly [name: string]: unknown
}

type Call = { readonly name: string; readonly minArgs: number; readonly maxArgs: number; call: () => data.BooleanData }

const statusFunctions = ({ cancelled, failed }: Status): ReadonlyArray<Call> =>
  Object.entries({
    always: true,
    cancelled,
    failure: failed && !cancelled,
    success: !failed && !cancelled
  }).map(([name, holds]) => ({ call: () => new data.BooleanData(holds), maxArgs: 0, minArgs: 0, name }))

const toData = (value: unknown): data.ExpressionData => JSON.parse(JSON.stringify(value ?? null), data.reviver)

const evaluate = (text: string, contexts: Contexts, status: Status): data.ExpressionData => {
  const functions = statusFunctions(status)
  const { tokens } = new Lexer(text).lex()
  const parsed = new Parser(tokens, Object.keys(contexts), [...functions]).parse()
  const entries = Object.entries(contexts).map(([key, value]) => ({ key, value: toData(value) }))
  const byName = new Map(functions.map((one) => [one.name, one]))
  return new Evaluator(parsed, new data.Dictionary(...entries), byName).evaluate()
}

const HOLE = /\$\{\{(.*?)\}\}/gs

/** A text with its expressions filled in. */
export const fill = (text: string, contexts: Contexts, status: Status): string =>
  text.replace(HOLE, (_, inner: string) => evaluate(inner.trim(), contexts, status).coerceString())

/** The value of a text that is one expression, as JSON. */
export const valueOf = (text: string, contexts: Contexts, status: Status): unknown => {
  const inner = /^\$\{\{(.*)\}\}$/s.exec(text.trim())?.[1] ?? text
  return JSON.parse(JSON.stringify(evaluate(inner.trim(), contexts, status), data.replacer))
}

const NAMES_STATUS = /\b(?:always|cancelled|failure|success)\(\)/

/** Whether a condition holds; one that names no status holds only while all went well. */
export const holds = (condition: string | undefined, contexts: Contexts, status: Status): boolean => {
  const inner = /^\$\{\{(.*)\}\}$/s.exec((condition ?? "").trim())?.[1] ?? condition ?? "success()"
  const whole = NAMES_STATUS.test(inner) ? inner : `success() && (${inner})`
  const value = evaluate(whole.trim(), contexts, status)
  const text = value.coerceString()
  return text !== "" && text !== "false" && text !== "0"
}
