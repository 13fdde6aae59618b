/**
 * Takes the operations in use out of GitHub's published description of its REST API, so that tests can hold every
 * request and every response against it. Run it with the unpacked package `@octokit/openapi` to renew the extract:
 *
 *   npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
 *   node packages/adapters-github/openapi/extract.ts package
 *
 * Descriptions, examples and links go; `nullable`, which JSON Schema does not know, becomes a type `null`; and what the
 * operations do not reference is left out.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { OPERATIONS } from "./operations.ts"

type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

const DROPPED = new Set([
  "description",
  "example",
  "examples",
  "externalDocs",
  "x-github",
  "deprecated",
  "x-multi-segment"
])
/** Below these a key is a name of GitHub's, not a word of the schema language. */
const NAMES = new Set(["properties", "schemas", "patternProperties"])

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const at = (value: Json | undefined, ...path: ReadonlyArray<string>): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => (isObject(inner) ? inner[key] : undefined), value)

const withNull = (schema: JsonObject): JsonObject => {
  const { type, enum: values, ...rest } = schema
  if (typeof type !== "string") return { anyOf: [{ type: "null" }, schema] }
  const listed = Array.isArray(values) ? { enum: values.includes(null) ? values : [...values, null] } : {}
  return { ...rest, ...listed, type: [type, "null"] }
}

/** A schema, or anything that holds schemas, without what no validation needs. */
const pruned = (value: Json, areNames = false): Json => {
  if (Array.isArray(value)) return value.map((one: Json) => pruned(one))
  if (!isObject(value)) return value
  const kept = Object.entries(value)
    .filter(([key]) => areNames || (!DROPPED.has(key) && key !== "nullable"))
    .map(([key, inner]) => [key, key === "enum" ? inner : pruned(inner, !areNames && NAMES.has(key))] as const)
  const schema: JsonObject = Object.fromEntries(kept)
  return !areNames && value.nullable === true ? withNull(schema) : schema
}

const references = (value: Json): ReadonlyArray<string> =>
  [...JSON.stringify(value).matchAll(/"#\/components\/([^"]+)"/g)].map(([, path = ""]) => path)

const resolve = (api: Json, value: Json | undefined): Json => {
  const reference = at(value, "$ref")
  if (typeof reference !== "string") return value ?? {}
  return resolve(api, at(api, ...reference.slice(2).split("/")))
}

const JSON_TYPE = "application/json"

const responsesOf = (api: Json, operation: Json): JsonObject =>
  Object.fromEntries(
    Object.entries(at(operation, "responses") ?? {}).map(([status, response]) => {
      const whole = resolve(api, response)
      return [
        status,
        at(whole, "content", JSON_TYPE, "schema") ?? at(whole, "content", "application/scim+json") ?? true
      ]
    })
  )

const parametersOf = (api: Json, operation: Json): ReadonlyArray<Json> => {
  const parameters = at(operation, "parameters")
  return (Array.isArray(parameters) ? parameters : []).map((parameter: Json) => {
    const whole = resolve(api, parameter)
    const [name, place] = [at(whole, "name") ?? "", at(whole, "in") ?? ""]
    return { in: place, name, required: at(whole, "required") ?? false, schema: at(whole, "schema") ?? true }
  })
}

const operationOf = (api: Json, route: string): JsonObject => {
  const [method = "", path = ""] = route.split(" ")
  const operation = at(api, "paths", path, method.toLowerCase())
  if (operation === undefined) throw new Error(`${route} is not published`)
  return {
    body: at(operation, "requestBody", "content", JSON_TYPE, "schema") ?? null,
    id: at(operation, "operationId") ?? "",
    parameters: parametersOf(api, operation),
    responses: responsesOf(api, operation)
  }
}

/** The schemas that something references, and those that these reference. */
const closure = (api: Json, roots: Json): JsonObject => {
  const found = new Map<string, Json>()
  const queue = [...references(roots)]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const name = path.replace("schemas/", "")
    if (found.has(name)) continue
    const schema = pruned(at(api, "components", "schemas", name) ?? {})
    found.set(name, schema)
    queue.push(...references(schema))
  }
  return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)))
}

const read = (path: string): Json => JSON.parse(readFileSync(path, "utf8"))

const directory = process.argv[2] ?? "package"
const api = read(join(directory, "generated", "api.github.com.json"))
const operations = pruned(Object.fromEntries(OPERATIONS.map((route) => [route, operationOf(api, route)])), true)
const extract = {
  source: "@octokit/openapi",
  version: at(read(join(directory, "package.json")), "version"),
  extracted: new Date().toISOString().slice(0, 10),
  description: "api.github.com",
  operations,
  components: { schemas: closure(api, operations) }
}
writeFileSync(join(import.meta.dirname, "github.json"), `${JSON.stringify(extract, undefined, 2)}\n`)
