/** A repository's effective git configuration, and the part of it that a connection to one of its remotes needs. */
import type { Variables } from "./environment.ts"
import type { Identity } from "./GitObject.ts"

export interface Setting {
  /** Section and variable in lower case; the part between them as it was written. */
  readonly key: string
  readonly value: string
}

/** Arguments that list a repository's configuration; `parseSettings` reads the output. */
export const LIST_SETTINGS = ["config", "--list", "-z"]

/** Takes the list apart. A key without `=` is git's way to write `true`. */
export const parseSettings = (output: string): ReadonlyArray<Setting> =>
  output.split("\0").flatMap((text) => {
    const end = text.indexOf("\n")
    if (text === "") return []
    return [end < 0 ? { key: text, value: "true" } : { key: text.slice(0, end), value: text.slice(end + 1) }]
  })

/** The name under which a private repository knows the one remote that it talks to. */
export const REMOTE = "batchbrake-control"

/** How to reach servers in general. What to fetch, where from and with which promises is ours to say. */
const CONNECTION = /^(url|http|https|credential|ssh|protocol)\.|^core\.(sshcommand|askpass|gitproxy)$/
const REMOTE_VARIABLES = ["url", "pushurl", "proxy", "proxyauthmethod", "uploadpack", "receivepack", "vcs"]
const ADDRESSES = ["url", "pushurl"]

/** Nothing of the user's runs, nothing is asked twice, and a repository that is thrown away needs no care. */
const OWN: ReadonlyArray<readonly [string, string]> = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsync", "none"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.recurseSubmodules", "no"],
  ["push.gpgSign", "false"],
  ["push.followTags", "false"],
  ["credential.interactive", "false"]
]

/** What the private repository does not see by itself: the user's settings less one occurrence of each that it sees. */
const withoutSeen = (settings: ReadonlyArray<Setting>, seen: ReadonlyArray<Setting>): ReadonlyArray<Setting> => {
  const counts = new Map<string, number>()
  const nameOf = ({ key, value }: Setting): string => `${key}\n${value}`
  for (const setting of seen) counts.set(nameOf(setting), (counts.get(nameOf(setting)) ?? 0) + 1)
  return settings.filter((setting) => {
    const count = counts.get(nameOf(setting)) ?? 0
    counts.set(nameOf(setting), count - 1)
    return count <= 0
  })
}

/** The first address counts: the control branch has one home, however many mirrors a push goes to. */
const firstOf = (values: ReadonlyArray<string>): ReadonlyArray<string> =>
  values.slice(values.lastIndexOf("") + 1).slice(0, 1)

/** The settings of the remote `name`, under our own name for it. A remote that has none is an address itself. */
const remoteSettings = (settings: ReadonlyArray<Setting>, name: string): ReadonlyArray<readonly [string, string]> => {
  const pairs = REMOTE_VARIABLES.flatMap((variable) => {
    const values = settings.filter(({ key }) => key === `remote.${name}.${variable}`).map(({ value }) => value)
    const kept = ADDRESSES.includes(variable) ? firstOf(values) : values
    return kept.map((value) => [`remote.${REMOTE}.${variable}`, value] as const)
  })
  const isConfigured = pairs.some(([key]) => key === `remote.${REMOTE}.url` || key === `remote.${REMOTE}.vcs`)
  return isConfigured ? pairs : [...pairs, [`remote.${REMOTE}.url`, name] as const]
}

/** The settings that a private repository is given so that it reaches `remote` as the user's repository does. */
export const connectionSettings = (
  settings: ReadonlyArray<Setting>,
  seen: ReadonlyArray<Setting>,
  remote: string
): ReadonlyArray<readonly [string, string]> => [
  ...withoutSeen(settings, seen)
    .filter(({ key }) => CONNECTION.test(key))
    .map(({ key, value }) => [key, value] as const),
  ...remoteSettings(settings, remote),
  ...OWN
]

/** Settings by way of the environment, where no other user and no log sees them. */
export const settingVariables = (settings: ReadonlyArray<readonly [string, string]>): Variables => ({
  GIT_CONFIG_COUNT: String(settings.length),
  GIT_CONFIG_PARAMETERS: undefined,
  ...Object.fromEntries(
    settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value]
    ])
  )
})

const NOBODY: Identity = { email: "batchbrake@localhost", name: "batchbrake" }

// A name that holds these would end the line, or the name, before its time.
const clean = (text: string | undefined): string => (text ?? "").replace(/[<>\n\r\0]/g, "").trim()

/** Who commits, in git's own order: the environment, the role's setting, the user's. Nobody is guessed from the machine. */
export const identityOf = (
  role: "author" | "committer",
  settings: ReadonlyArray<Setting>,
  inherited: Variables
): Identity => {
  const lastOf = (key: string): string => clean(settings.findLast((setting) => setting.key === key)?.value)
  const variable = (part: string): string => clean(inherited[`GIT_${role.toUpperCase()}_${part}`])
  const name = variable("NAME") || lastOf(`${role}.name`) || lastOf("user.name")
  const email = variable("EMAIL") || lastOf(`${role}.email`) || lastOf("user.email") || clean(inherited.EMAIL)
  return name === "" || email === "" ? NOBODY : { email, name }
}
