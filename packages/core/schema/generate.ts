/** The published JSON Schemas, draft 2020-12, from the schemas that the code decodes by. `npm run schema` writes them. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ManifestFile } from "@batchbrake/core/batch/Manifest"
import { ControlShape } from "@batchbrake/core/control/ControlFileShape"
import { PolicyFile } from "@batchbrake/core/policy/PolicyFile"
import * as Schema from "effect/Schema"

const written = (schema: Schema.Top, onExcessProperty: "error" | "ignore"): object => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty })
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...document.schema, $defs: document.definitions }
}

/**
 * By file name. A policy and a manifest have no keys that their version does not know; a control file keeps those that a
 * newer one wrote.
 */
export const schemas = {
  "batch-manifest.schema.json": written(ManifestFile, "error"),
  "batch-control.schema.json": written(ControlShape, "ignore"),
  "batch-policy.schema.json": written(PolicyFile, "error")
}

if (import.meta.main) {
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(join(import.meta.dirname, name), `${JSON.stringify(schema, null, 2)}\n`)
  }
}
