/**
 * Writes src/Migrations.ts from the numbered files beside this one: a published package, a Worker and a bundle load the
 * schema as a module. `npm run migrations` runs it; a test compares.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** A numbered file of SQL. */
interface SqlFile {
  readonly name: string
  readonly text: string
}

/** A file's statements: each ends with a semicolon at the end of a line; comments and blank lines go. */
const statementsOf = (text: string): ReadonlyArray<string> =>
  text
    .replace(/^\s*--.*$/gm, "")
    .split(/;\s*$/m)
    .map((statement) => statement.replace(/\n\s*\n/g, "\n").trim())
    .filter((statement) => statement !== "")

const HEAD = `/** The schema, migration by migration. Written from migrations/*.sql by \`npm run migrations\`; edit those. */

/** One step of the schema. Steps are applied in order, each whole or not at all, and never changed once released. */
export interface Migration {
  /** The file's name; the store remembers it. */
  readonly name: string
  readonly statements: ReadonlyArray<string>
}

`

/** The text of src/Migrations.ts. */
export const renderMigrations = (files: ReadonlyArray<SqlFile>): string => {
  const migrations = files.map(({ name, text }) => {
    const statements = statementsOf(text).map((statement) => `      \`${statement.replace(/[\\`$]/g, "\\$&")}\``)
    return `  {\n    name: ${JSON.stringify(name)},\n    statements: [\n${statements.join(",\n")}\n    ]\n  }`
  })
  return `${HEAD}export const MIGRATIONS: ReadonlyArray<Migration> = [\n${migrations.join(",\n")}\n]\n`
}

/** The numbered files, in order. */
export const files = (): ReadonlyArray<SqlFile> =>
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(import.meta.dirname, name), "utf8") }))

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, "../src/Migrations.ts"), renderMigrations(files()))
}
