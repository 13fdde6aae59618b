/** What is not mutated: sentences for people, which no rule fixes the wording of, nor an object that holds nothing else. */

interface Node {
  readonly expressions?: ReadonlyArray<{ readonly type: string }>
  readonly properties?: ReadonlyArray<{ readonly value?: Node }>
  readonly quasis?: ReadonlyArray<{ readonly value: { readonly raw: string } }>
  readonly type: string
  readonly value?: unknown
}

/** Two words with a space between them. No key, code or format of ours has a space in it. */
const SENTENCE = /\p{L}{2,}[,;:]? (\p{L}|\$)/u

/** Of a sentence with gaps, what fills the gaps is still mutated elsewhere only if it is nothing but a name. */
const isPlain = ({ type }: { readonly type: string }): boolean => type === "Identifier" || type === "MemberExpression"

const isProse = ({ expressions = [], properties = [], quasis, type, value }: Node): boolean => {
  const [only, ...more] = properties
  if (type === "ObjectExpression") return more.length === 0 && only?.value !== undefined && isProse(only.value)
  if (type === "StringLiteral") return typeof value === "string" && SENTENCE.test(value)
  if (type !== "TemplateLiteral" || quasis === undefined) return false
  return expressions.every(isPlain) && SENTENCE.test(quasis.map((quasi) => quasi.value.raw).join("$"))
}

const prose = {
  shouldIgnore: ({ node }: { readonly node: Node }): string | undefined =>
    isProse(node) ? "a sentence for people" : undefined
}

export const strykerPlugins = [{ kind: "Ignore", name: "prose", value: prose }]
