import type { TextFile } from "./TextFile.ts"

const withoutFences = (text: string): string => text.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2`*~* *$/gm, "")

/** Markdown documents that have no title, or several. */
export const findTitleFaults = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> =>
  files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) => {
      const titles = withoutFences(text).match(/^# \S|^\S[^\n]*\n=+ *$/gm)?.length ?? 0
      return titles === 1 ? [] : [`${path} has ${titles} titles, not one`]
    })

/** Decision records that the index does not link, or that share a number. */
export const findDecisionFaults = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> => {
  const index = files.find(({ path }) => path === "docs/adr/README.md")?.text ?? ""
  const names = files.flatMap(({ path }) => /^docs\/adr\/(\d{4}-[^/]+\.md)$/.exec(path)?.[1] ?? [])
  const numbers = names.map((name) => name.slice(0, 4))
  return [
    ...names
      .filter((name) => !index.includes(`](${name})`) && !index.includes(`](./${name})`))
      .map((name) => `docs/adr/README.md does not link ${name}`),
    ...numbers.filter((number, at) => numbers.indexOf(number) !== at).map((number) => `ADR ${number} stands twice`)
  ]
}

const READERS = /^(README|CONTRIBUTING)\.md$|^packages\/[^/]+\/README\.md$/

/** Scripts that a document tells its reader to run and package.json does not have. */
export const findUnknownScripts = (
  files: ReadonlyArray<TextFile>,
  scripts: ReadonlyArray<string>
): ReadonlyArray<string> =>
  files
    .filter(({ path }) => READERS.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(test|start)\b)/g)]
        .map(([, run, lifecycle]) => run ?? lifecycle ?? "")
        .filter((script) => !scripts.includes(script))
        .map((script) => `${path} names the script ${script}, which package.json lacks`)
    )
