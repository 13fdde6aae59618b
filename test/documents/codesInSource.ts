import type { TextFile } from "../tidy/TextFile.ts"

export interface Codes {
  readonly reasons: ReadonlyArray<string>
  readonly notices: ReadonlyArray<string>
  readonly errors: ReadonlyArray<string>
  readonly findings: ReadonlyArray<string>
  readonly outcomes: ReadonlyArray<string>
  readonly skips: ReadonlyArray<string>
  readonly policies: ReadonlyArray<string>
}

const sorted = (codes: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(codes)].sort()

const found = (texts: ReadonlyArray<string>, pattern: RegExp): ReadonlyArray<string> =>
  texts.flatMap((text) => [...text.matchAll(pattern)].map(([, code]) => code ?? ""))

const CODE_PROPERTY = /\bcode: "([a-z-]+)"/g

/** Every code that the sources can print, by what it is a code of. */
export const codesInSource = (files: ReadonlyArray<TextFile>): Codes => {
  const under = (pattern: RegExp): ReadonlyArray<string> =>
    files.filter(({ path }) => pattern.test(path)).map(({ text }) => text)
  const core = under(/^packages\/core\/src\/(?!testing\/)/)
  const failure = under(/^packages\/entrypoints\/src\/cli\/Failure\.ts$/)
  const union = failure.flatMap((text) => /readonly code:([\s\S]*?)\n {2}readonly /.exec(text)?.[1] ?? [])
  return {
    errors: sorted([
      ...found(under(/^packages\/core\/src\/(?:control\/Rejection|batch\/Refusal)\.ts$/), /^ +\| "([a-z-]+)"/gm),
      ...found(union, /"([a-z-]+)"/g),
      ...found(failure, /\["([a-z-]+)", EXIT/g),
      ...found(under(/^packages\/entrypoints\/src\/cli\/(?:command|main)\.ts$/), /error: \{ code: "([a-z-]+)"/g)
    ]),
    findings: sorted(found(under(/^packages\/entrypoints\/src\/cli\/verb\/audit\.ts$/), CODE_PROPERTY)),
    notices: sorted([...found(core, /\bnotice\(\s*"([a-z-]+)"/g), ...found(core, /\bline\(\s*[\w.]+,\s*"([a-z-]+)"/g)]),
    outcomes: sorted(found(under(/^packages\/core\/src\/batch\/RollbackOutcome\.ts$/), /^ +\| "([a-z-]+)"/gm)),
    policies: sorted(found(under(/^packages\/core\/src\/policy\//), /\b(?:finding|warning)\(\s*"([a-z-]+)"/g)),
    reasons: sorted([...found(core, CODE_PROPERTY), ...found(core, /\bcode: `([a-z-]+)\$\{/g)]),
    skips: sorted(found(under(/^packages\/core\/src\/batch\/AdoptionPlan\.ts$/), /\bbecause\("([a-z-]+)"/g))
  }
}

/** Every exit code that the sources can end with. */
export const exitCodesInSource = (files: ReadonlyArray<TextFile>): ReadonlyArray<string> => {
  const texts = files.filter(({ path }) => /^packages\/entrypoints\/src\/cli\/(?:Failure|main)\.ts$/.test(path))
  const named = texts.flatMap(
    ({ text }) => /^(?:export )?const (?:EXIT|SIGNALS)\b[^=]*= \{([^}]*)\}/m.exec(text)?.[1] ?? []
  )
  return sorted(found(named, /: (\d+)/g))
}

/** The codes that a document lists: the first cell of each row of the table below a heading. */
export const codesListed = (document: string, heading: string): ReadonlyArray<string> => {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ""
  return sorted(
    [...section.matchAll(/^\| (?:`([a-z-]+)…?`|(\d+)) \|/gm)].map(([, code, number]) => code ?? number ?? "")
  )
}
