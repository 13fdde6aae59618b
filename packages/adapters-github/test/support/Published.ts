/** GitHub's published description of its REST API, as judge of requests and of answers. */
import { readFileSync } from "node:fs"
import { Ajv, type AnySchema, type ValidateFunction } from "ajv"

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required: boolean
  readonly schema: AnySchema
}

interface Operation {
  readonly id: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly body: AnySchema | null
  readonly responses: Readonly<Record<string, AnySchema>>
}

interface Extract {
  readonly version: string
  readonly extracted: string
  readonly operations: Readonly<Record<string, Operation>>
  readonly components: { readonly schemas: Readonly<Record<string, AnySchema>> }
}

export const EXTRACT_URL = new URL("../../openapi/github.json", import.meta.url)
export const extract: Extract = JSON.parse(readFileSync(EXTRACT_URL, "utf8"))

/** Formats are hints there (`uri` with braces in it), and unknown keys are allowed. */
const OPTIONS = { allErrors: true, allowUnionTypes: true, strict: false, validateFormats: false } as const
const exact = new Ajv({ ...OPTIONS })
/** What stands in an address is text. */
const lenient = new Ajv({ ...OPTIONS, coerceTypes: true })
for (const ajv of [exact, lenient]) ajv.addSchema({ $id: "github", components: extract.components })

const local = (schema: AnySchema): AnySchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"github#/components/'))

const compiled = new Map<AnySchema, ValidateFunction>()
const faultsOf = (ajv: Ajv, schema: AnySchema, value: unknown): ReadonlyArray<string> => {
  const validate = compiled.get(schema) ?? ajv.compile(local(schema))
  compiled.set(schema, validate)
  if (validate(value) === true) return []
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`.trim()
  )
}

export interface Matched {
  readonly route: string
  readonly operation: Operation
  readonly path: Readonly<Record<string, string>>
}

const shapeOf = (template: string): RegExp =>
  new RegExp(`^${template.replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${name === "ref" ? ".+" : "[^/]+"})`)}$`)

const shapes = Object.entries(extract.operations).map(([route, operation]) => {
  const [method = "", template = ""] = route.split(" ")
  return { method, operation, route, shape: shapeOf(template) }
})

/** The published operation that a request asks for; `undefined`: there is none such. */
export const match = (method: string, pathname: string): Matched | undefined => {
  for (const { operation, route, shape, ...one } of shapes) {
    const found = one.method === method ? shape.exec(pathname) : null
    if (found !== null) {
      const path = Object.fromEntries(Object.entries(found.groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)]))
      return { operation, path, route }
    }
  }
  return undefined
}

const parameterFaults = ({ operation, path }: Matched, query: URLSearchParams): ReadonlyArray<string> => {
  const given: Record<string, Record<string, string>> = { path, query: Object.fromEntries(query) }
  const known = new Set(operation.parameters.filter((one) => one.in === "query").map(({ name }) => name))
  const unknown = [...query.keys()].filter((name) => !known.has(name)).map((name) => `query ${name} is not published`)
  return [
    ...unknown,
    ...operation.parameters.flatMap(({ in: place, name, required, schema }) => {
      const value = given[place]?.[name]
      if (value === undefined) return required && place !== "header" ? [`${place} ${name} is missing`] : []
      const holder = { properties: { value: schema }, required: ["value"], type: "object" }
      return faultsOf(lenient, holder, { value }).map((fault) => `${place} ${name}: ${fault}`)
    })
  ]
}

/** The names of a body that no alternative of its schema publishes. */
const unknownNames = (schema: AnySchema, body: unknown): ReadonlyArray<string> => {
  const text = JSON.stringify(schema)
  return Object.keys(body ?? {}).filter((name) => !text.includes(`"${name}":`))
}

/** What is wrong with a request. */
export const requestFaults = (matched: Matched, query: URLSearchParams, body: unknown): ReadonlyArray<string> => {
  const { operation } = matched
  const ofBody =
    operation.body === null
      ? body === undefined
        ? []
        : ["a body where none is published"]
      : [
          ...faultsOf(exact, operation.body, body ?? {}),
          ...unknownNames(operation.body, body).map((name) => `body ${name} is not published`)
        ]
  return [...parameterFaults(matched, query), ...ofBody].map((fault) => `${matched.route}: ${fault}`)
}

/** What is wrong with an answer: a status that is not published for the operation is let pass from 400 on. */
export const responseFaults = ({ operation, route }: Matched, status: number, body: unknown): ReadonlyArray<string> => {
  const schema = operation.responses[String(status)]
  if (schema === undefined) return status >= 400 ? [] : [`${route}: ${status} is not published`]
  return faultsOf(exact, schema, body).map((fault) => `${route} ${status}: ${fault}`)
}
