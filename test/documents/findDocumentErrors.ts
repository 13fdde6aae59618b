import { posix } from "node:path"
import type { TextFile } from "../tidy/TextFile.ts"

const SHARED = ["repo", "remote", "local", "signed", "policy", "json", "at", "help"]

const withoutComment = (line: string): string => line.replace(/(?:^|\s)#.*$/, "")

/** Uses of the command in code, with a verb or an option that it lacks. */
export const findUnknownOptions = (
  documents: ReadonlyArray<TextFile>,
  verbs: ReadonlyMap<string, ReadonlyArray<string>>
): ReadonlyArray<string> =>
  documents.flatMap(({ path, text }) =>
    text
      .replace(/\\\n\s*/g, "")
      .split("\n")
      .flatMap(withoutComment)
      .flatMap((line) => [...line.matchAll(/(?:^|[`\s(])batchbrake ([a-z-]+)([^`|>\n]*)/g)])
      .flatMap(([use, verb = "", rest = ""]) => {
        const options = verbs.get(verb)
        if (verb.startsWith("-")) return []
        if (options === undefined) return [`${path}: ${use.trim()}: no verb ${verb}`]
        return [...rest.matchAll(/(?:^|\s)--([a-z-]+)/g)]
          .map(([, option]) => option ?? "")
          .filter((option) => !options.includes(option) && !SHARED.includes(option))
          .map((option) => `${path}: ${use.trim()}: no option --${option}`)
      })
  )

/** The verbs in the first column of README's table of verbs. */
export const verbsListed = (readme: string): ReadonlyArray<string> => {
  const section = readme.split(/^## /m).find((part) => part.startsWith("Verbs\n")) ?? ""
  return [...new Set([...section.matchAll(/^\| `([a-z]+)[^`]*` \|/gm)].map(([, verb]) => verb ?? ""))].sort()
}

/** Links within the project that lead nowhere. */
export const findBrokenLinks = (
  documents: ReadonlyArray<TextFile>,
  paths: ReadonlyArray<string>
): ReadonlyArray<string> =>
  documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target?.replace(/#.*$/, "") ?? "")
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
      .filter((target) => {
        const linked = posix.join(posix.dirname(path), target).replace(/\/$/, "")
        return !paths.includes(linked) && !paths.some((other) => other.startsWith(`${linked}/`))
      })
      .map((target) => `${path} links ${target}, which does not exist`)
  )

/** How files are named, and not a file. */
const PATTERNS = ["Noun.ts", "verbNoun.ts"]

/** Source files that a document names in code, by the end of their path, and that do not exist. */
export const findUnknownFiles = (
  documents: ReadonlyArray<TextFile>,
  paths: ReadonlyArray<string>
): ReadonlyArray<string> =>
  documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`([\w./-]+\.(?:ts|mjs))`/g)]
      .map(([, name]) => name ?? "")
      .filter(
        (name) => !PATTERNS.includes(name) && !paths.some((other) => other === name || other.endsWith(`/${name}`))
      )
      .map((name) => `${path} names ${name}, which does not exist`)
  )
