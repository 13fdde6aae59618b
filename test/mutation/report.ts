/**
 * Writes what Stryker found into docs/mutation.md, below its mark: `npm run mutation:report [reports/….json …]`, by default
 * every report there is. Where two reports tell of one file, the later made counts. Survivors that are explained stand in
 * explained.json, found again by the code of their line, so that they outlive moves.
 */
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"

interface Mutant {
  readonly location: { readonly start: { readonly column: number; readonly line: number } }
  readonly mutatorName: string
  readonly replacement?: string
  readonly static?: boolean
  readonly status: "Ignored" | "Killed" | "NoCoverage" | "Survived" | "Timeout"
}

interface MutatedFile {
  readonly mutants: ReadonlyArray<Mutant>
  readonly source: string
}

interface Explanation {
  readonly because: string
  /** A part of the line that is mutated. */
  readonly code: string
  readonly file: string
  /** Of this mutator alone. */
  readonly mutator?: string
  /** With this replacement alone. */
  readonly replacement?: string
}

interface Survivor {
  readonly because: string | undefined
  readonly line: string
  readonly mutant: Mutant
  readonly path: string
}

const MARK = "<!-- What follows is written by npm run mutation:report. -->"
const PAGE = join(import.meta.dirname, "../../docs/mutation.md")
const SOURCES = "packages/core/src/"

const explanations: ReadonlyArray<Explanation> = JSON.parse(
  readFileSync(join(import.meta.dirname, "explained.json"), "utf8")
)

const keyOf = ({ location: { start }, mutatorName, replacement }: Mutant): string =>
  [start.line, start.column, mutatorName, replacement].join(" ")

/** Of one file in two reports: of the same code, what one of them noticed is noticed; of older code, nothing is kept. */
const merge = (before: MutatedFile | undefined, after: MutatedFile): MutatedFile => {
  if (before?.source !== after.source) return after
  const all = new Map(before.mutants.map((mutant) => [keyOf(mutant), mutant]))
  for (const mutant of after.mutants) {
    const status = all.get(keyOf(mutant))?.status
    if (status !== "Killed" && status !== "Timeout") all.set(keyOf(mutant), mutant)
  }
  return { ...after, mutants: [...all.values()] }
}

const readReports = (paths: ReadonlyArray<string>): ReadonlyMap<string, MutatedFile> => {
  const files = new Map<string, MutatedFile>()
  for (const path of paths.toSorted((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)) {
    const report: { readonly files: Readonly<Record<string, MutatedFile>> } = JSON.parse(readFileSync(path, "utf8"))
    for (const [file, mutated] of Object.entries(report.files)) {
      const name = file.replace(SOURCES, "")
      files.set(name, merge(files.get(name), mutated))
    }
  }
  return new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1)))
}

const explains =
  (path: string, line: string, { mutatorName, replacement }: Mutant) =>
  (given: Explanation): boolean =>
    given.file === path &&
    line.includes(given.code) &&
    (given.mutator ?? mutatorName) === mutatorName &&
    (given.replacement ?? replacement) === replacement

const survivorsOf = ([path, { mutants, source }]: readonly [string, MutatedFile]): ReadonlyArray<Survivor> => {
  const lines = source.split("\n")
  return mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .toSorted((one, other) => one.location.start.line - other.location.start.line)
    .map((mutant) => {
      const line = lines[mutant.location.start.line - 1]?.trim() ?? ""
      return { because: explanations.find(explains(path, line, mutant))?.because, line, mutant, path }
    })
}

const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`)

const rowOf = (name: string, files: ReadonlyArray<readonly [string, MutatedFile]>): string => {
  const mutants = files.flatMap(([, file]) => file.mutants)
  const count = (status: Mutant["status"]): number => mutants.filter((mutant) => mutant.status === status).length
  const [killed, timeout, survived, uncovered] = [
    count("Killed"),
    count("Timeout"),
    count("Survived"),
    count("NoCoverage")
  ]
  const explained = files.flatMap(survivorsOf).filter(({ because }) => because !== undefined).length
  const tried = killed + timeout + survived + uncovered
  const cells = [name, tried, killed, timeout, survived, uncovered, explained, percent(killed + timeout, tried)]
  return `| ${[...cells, count("Ignored")].join(" | ")} |`
}

const code = (text: string): string => {
  const short = text.replaceAll(/\s+/g, " ").trim()
  const shown = short.length > 90 ? `${short.slice(0, 90)}…` : short
  return shown.includes("`") ? `\`\` ${shown} \`\`` : `\`${shown}\``
}

const itemOf = ({ because, line, mutant }: Survivor): string => {
  const place = `${mutant.location.start.line}:${mutant.location.start.column}`
  const said = because === undefined ? "" : ` — ${because}`
  const unseen = mutant.status === "NoCoverage" ? " (no test comes here)" : ""
  return `- ${place} ${mutant.mutatorName} ${code(mutant.replacement ?? "")} in ${code(line)}${unseen}${said}`
}

const listOf = (survivors: ReadonlyArray<Survivor>): ReadonlyArray<string> =>
  [...Map.groupBy(survivors, ({ path }) => path)].flatMap(([path, some]) => [
    "",
    `### ${path}`,
    "",
    ...some.map(itemOf)
  ])

const render = (files: ReadonlyMap<string, MutatedFile>): string => {
  const folders = Map.groupBy([...files], ([path]) => path.slice(0, path.indexOf("/")))
  const survivors = [...files].flatMap(survivorsOf)
  const explained = survivors.filter(({ because }) => because !== undefined)
  const open = survivors.filter(({ because }) => because === undefined)
  return [
    "## The score",
    "",
    "| folder | mutants | killed | timeout | survived | no coverage | of these explained | score | not mutated |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...[...folders].map(([folder, some]) => rowOf(folder, some)),
    rowOf("**all**", [...files]),
    "",
    `## Explained survivors (${explained.length})`,
    ...listOf(explained),
    "",
    `## Open survivors (${open.length})`,
    ...listOf(open),
    ""
  ].join("\n")
}

const given = process.argv.slice(2)
const files = readReports(given.length > 0 ? given : globSync("reports/*.json"))
const [head = ""] = readFileSync(PAGE, "utf8").split(MARK)
writeFileSync(PAGE, `${head}${MARK}\n\n${render(files)}`)
for (const line of render(files).split("\n").slice(2, 24)) if (line.startsWith("|")) console.log(line)
