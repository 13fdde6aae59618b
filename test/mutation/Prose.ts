/** What is not mutated: sentences for people, which no rule fixes the wording of. Codes, keys and numbers are. */

interface Node {
  readonly expressions?: ReadonlyArray<{ readonly type: string }>
  readonly quasis?: ReadonlyArray<{ readonly value: { readonly raw: string } }>
  readonly type: string
  readonly value?: unknown
}

/** Two words with a space between them. No key, code or format of ours has a space in it. */
const SENTENCE = /\p{L}{2,}[,;:]? (\p{L}|\$)/u

/** Of a sentence with gaps, what fills the gaps is still mutated elsewhere only if it is nothing but a name. */
const isPlain = ({ type }: { readonly type: string }): boolean => type === "Identifier" || type === "MemberExpression"

const isProse = ({ expressions = [], quasis, type, value }: Node): boolean => {
  if (type === "StringLiteral") return typeof value === "string" && SENTENCE.test(value)
  if (type !== "TemplateLiteral" || quasis === undefined) return false
  return expressions.every(isPlain) && SENTENCE.test(quasis.map((quasi) => quasi.value.raw).join("$"))
}

const prose = {
  shouldIgnore: ({ node }: { readonly node: Node }): string | undefined =>
    isProse(node) ? "a sentence for people" : undefined
}

export const strykerPlugins = [{ kind: "Ignore", name: "prose", value: prose }]
