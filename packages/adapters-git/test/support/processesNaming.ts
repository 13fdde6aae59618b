import { readdirSync, readFileSync } from "node:fs"

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
  } catch {
    return ""
  }
}

/** The command lines of running programs that hold `text`; none where the system has no `/proc`. */
export const processesNaming = (text: string): ReadonlyArray<string> => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(commandLine)
      .filter((line) => line.includes(text))
  } catch {
    return []
  }
}
