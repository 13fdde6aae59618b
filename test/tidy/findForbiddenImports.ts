import { posix } from "node:path"
import { isPure, sourcesOf, type TextFile } from "./TextFile.ts"

/** Static, side-effect, re-exporting and dynamic imports. A simple expression on purpose: dependency-cruiser is the exact one. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"'\n]+)["']/g

const STABLE = /^effect\/[A-Z]\w*$/
const TESTING = /^(effect\/testing\/[A-Z]\w*|fast-check)$/
const EFFECTFUL = /^effect\/(Effect|Context|Layer|Clock|Random)$/

/** Where an import leads: a path from the root for our own modules, else the specifier itself. */
const targetOf = (path: string, specifier: string): string => {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier)
  const own = /^@batchbrake\/([^/]+)(?:\/(.*))?$/.exec(specifier)
  return own === null ? specifier : `packages/${own[1]}/src/${own[2] ?? ""}`
}

const packageOf = (path: string): string => /^packages\/([^/]+)\//.exec(path)?.[1] ?? ""

const faultOf = (path: string, specifier: string): string | undefined => {
  const from = packageOf(path)
  const target = targetOf(path, specifier)
  const to = packageOf(target)
  const isTesting = path.startsWith("packages/core/src/testing/")
  if (/^packages\/[^/]+\/test\/|^test\/|\.test(\.ts)?$/.test(target)) return "source imports a test"
  if (from === "core") {
    if (to === "" && !STABLE.test(specifier) && !(isTesting && TESTING.test(specifier)))
      return "core imports stable effect modules only"
    if (to !== "" && to !== "core") return "core knows no other package"
    if (isPure(path) && EFFECTFUL.test(specifier)) return "a pure folder runs no effect"
    if (isPure(path) && /^packages\/core\/src\/(port|program|testing)\//.test(target))
      return "a pure folder knows neither ports nor programs"
    if (path.startsWith("packages/core/src/port/") && /^packages\/core\/src\/(program|testing)\//.test(target))
      return "a port knows no program"
  }
  if (from.startsWith("adapters-")) {
    if (to !== "" && to !== "core" && to !== from) return "an adapter knows core only"
    if (/^packages\/core\/src\/(program|testing)\//.test(target)) return "an adapter knows ports, not programs"
  }
  return undefined
}

/** Imports that go against core <- adapters <- entrypoints, or inside core against pure <- port <- program. */
export const findForbiddenImports = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  sourcesOf(files).flatMap(({ path, text }) =>
    [...text.matchAll(IMPORT)].flatMap(([, specifier = ""]) => {
      const fault = faultOf(path, specifier)
      return fault === undefined ? [] : [`${path} imports ${specifier}: ${fault}`]
    })
  )
