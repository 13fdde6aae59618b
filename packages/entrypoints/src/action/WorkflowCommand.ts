/**
 * How a step speaks to the runner: commands on stdout, and files of names and values. What people and programs wrote is
 * carried in both, and must come out as it went in and as nothing else. Source: "Workflow commands for GitHub Actions"
 * in GitHub's documentation, and the escaping of its toolkit: `%`, CR and LF in messages, `:` and `,` too in properties.
 */
import { plainLine } from "@batchbrake/core/control/plainLine"

export type Severity = "error" | "warning" | "notice"

export interface Annotation {
  readonly severity: Severity
  readonly title: string
  readonly message: string
}

const escapeMessage = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")

const escapeProperty = (text: string): string => escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C")

/** One line: an annotation that the run's page shows. */
export const annotation = ({ message, severity, title }: Annotation): string =>
  `::${severity} title=${escapeProperty(plainLine(title))}::${escapeMessage(message)}\n`

/**
 * Text for the log in which nothing is a command, neither `::name::` at the start of a line nor `##[name]` anywhere:
 * the runner reads none until it sees `token` again, which must be random.
 */
export const inert = (text: string, token: string): string => {
  const lines = text.endsWith("\n") || text === "" ? text : `${text}\n`
  return lines === "" ? "" : `::stop-commands::${token}\n${lines}::${token}::\n`
}

/** Names and values as the output and state files take them; `random` is asked for a delimiter no value has a line of. */
export const assignments = (values: Iterable<readonly [string, string]>, random: () => string): string => {
  let text = ""
  for (const [name, value] of values) {
    let delimiter = `batchbrake_${random()}`
    while (value.includes(delimiter)) delimiter = `batchbrake_${random()}`
    text += `${name}<<${delimiter}\n${value}\n${delimiter}\n`
  }
  return text
}
