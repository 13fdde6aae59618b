import * as Context from "effect/Context"

/** Environment variables; `undefined` takes one away. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The environment that git inherits: the process's own, unless a caller provides another. */
export const Inherited = Context.Reference<Variables>("@batchbrake/adapters-git/Inherited", {
  defaultValue: () => process.env
})

/** What points git at another repository than the one it is started in. A hook that calls us has them set. */
const POINTERS = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_COMMON_DIR",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_QUARANTINE_PATH",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
  "GIT_CONFIG",
  "GIT_GRAFT_FILE",
  "GIT_SHALLOW_FILE",
  "GIT_REPLACE_REF_BASE",
  "GIT_PUSH_OPTION_COUNT"
]

/** Messages in one language, the objects as they are stored, and nobody is asked anything: not on a terminal, not in a window. */
const FIXED: Variables = {
  GCM_INTERACTIVE: "never",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  LANGUAGE: undefined,
  LC_ALL: "C",
  SSH_ASKPASS: undefined,
  SSH_ASKPASS_REQUIRE: "never"
}

/** The environment for one git program. `GIT_ASKPASS` stays: in CI it may be the credential itself. */
export const environmentFor = (inherited: Variables, own: Variables = {}): Record<string, string> => {
  const kept = Object.entries(inherited).filter(([name]) => !POINTERS.includes(name))
  const merged = { ...Object.fromEntries(kept), ...FIXED, ...own }
  return Object.fromEntries(
    Object.entries(merged).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  )
}
