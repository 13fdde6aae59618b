/** The files by which a step hands values on, read as the runner reads them. */

/**
 * `name=value` lines, and `name<<delimiter` with everything up to the delimiter on a line of its own; the last one of a
 * name counts. Throws where the runner would fail the step.
 */
export const readAssignments = (text: string): ReadonlyMap<string, string> => {
  const values = new Map<string, string>()
  const lines = text.split("\n")
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ""
    if (line === "") continue
    const equals = line.indexOf("=")
    const heredoc = line.indexOf("<<")
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values.set(line.slice(0, equals), line.slice(equals + 1))
      continue
    }
    if (heredoc < 0) throw new Error(`invalid format: ${line}`)
    const delimiter = line.slice(heredoc + 2)
    const end = lines.indexOf(delimiter, at + 1)
    if (delimiter === "" || end < 0) throw new Error(`no end of ${line}`)
    values.set(line.slice(0, heredoc), lines.slice(at + 1, end).join("\n"))
    at = end
  }
  return values
}

/** A workflow command in a log. */
export interface LogCommand {
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

const unescape = (text: string): string => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%")
const unescapeProperty = (text: string): string => unescape(text.replaceAll("%3A", ":").replaceAll("%2C", ","))

/** `::name key=value,…::message` at the start of a line, or the old `##[name key=value;…]message` anywhere in it. */
const commandIn = (line: string): LogCommand | undefined => {
  const trimmed = line.trimStart()
  const current = /^::([^\s:]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/s.exec(trimmed)
  if (current !== null) {
    const [, command = "", list = "", message = ""] = current
    const properties = list
      .split(",")
      .filter((pair) => pair.includes("="))
      .map((pair): [string, string] => {
        const equals = pair.indexOf("=")
        return [pair.slice(0, equals).trim(), unescapeProperty(pair.slice(equals + 1))]
      })
    return { command, message: unescape(message), properties: Object.fromEntries(properties) }
  }
  const old = /##\[([^\]\s]+)[^\]]*\](.*)$/s.exec(line)
  return old === null ? undefined : { command: old[1] ?? "", message: old[2] ?? "", properties: {} }
}

/** The commands that the runner would act on: none while they are stopped. */
export const commandsIn = (log: string): ReadonlyArray<LogCommand> => {
  const found: Array<LogCommand> = []
  let token: string | undefined
  for (const line of log.split(/\r\n|\n|\r/)) {
    const command = commandIn(line)
    if (command === undefined) continue
    if (token !== undefined) {
      if (command.command === token) token = undefined
    } else if (command.command === "stop-commands") {
      token = command.message
    } else {
      found.push(command)
    }
  }
  return found
}
