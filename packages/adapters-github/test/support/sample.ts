/** Answers as GitHub publishes them: of each schema the least that satisfies it, and what a test says besides. */
import { extract } from "./Published.ts"

type Values = { readonly [key: string]: unknown }

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const schemaAt = (reference: string): unknown =>
  extract.components.schemas[reference.replace("#/components/schemas/", "")]

const merged = (base: unknown, more: unknown): unknown =>
  isValues(base) && isValues(more)
    ? Object.fromEntries(
        [...new Set([...Object.keys(base), ...Object.keys(more)])].map((key) => [
          key,
          key in more ? merged(base[key], more[key]) : base[key]
        ])
      )
    : more

const ofType = (type: unknown, schema: Values): unknown => {
  if (Array.isArray(type)) return type.includes("null") ? null : ofType(type[0], schema)
  switch (type) {
    case "array":
      return []
    case "boolean":
      return false
    case "integer":
    case "number":
      return 1
    case "null":
      return null
    case "string":
      return "text"
    default:
      return ofObject(schema)
  }
}

const ofObject = ({ properties, required }: Values): unknown =>
  Object.fromEntries(
    (Array.isArray(required) ? required : []).map((name: string) => [
      name,
      least(isValues(properties) ? properties[name] : undefined)
    ])
  )

const least = (schema: unknown): unknown => {
  if (!isValues(schema)) return {}
  if (typeof schema.$ref === "string") return least(schemaAt(schema.$ref))
  if (Array.isArray(schema.enum)) return schema.enum.includes(null) ? null : schema.enum[0]
  const alternatives = schema.anyOf ?? schema.oneOf
  if (Array.isArray(alternatives)) return least(alternatives[0])
  if (Array.isArray(schema.allOf)) return schema.allOf.map(least).reduce(merged, {})
  return ofType(schema.type, schema)
}

/** The answer of a route with a status, with these values. */
export const sample = (route: string, status: number, values: Values = {}): unknown =>
  merged(least(extract.operations[route]?.responses[String(status)]), values)

/** The same of a list: one of it for each. */
export const samples = (route: string, values: ReadonlyArray<Values>): ReadonlyArray<unknown> => {
  const schema = extract.operations[route]?.responses["200"]
  const items = isValues(schema) ? schema.items : undefined
  return values.map((one) => merged(least(items), one))
}
