/** A registry on a stand-in for GitHub: a bare repository with the generated files on its content branch, and `gh`. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Json, openWorkshop, type Workshop } from "../Workshop.ts"
import { type Behind, serveApi } from "./ForgeApi.ts"
import { EMPTY, type ForgeState } from "./GhProgram.ts"
import { type RunEnded, runWorkflow, type Trigger } from "./runWorkflow.ts"

/** Makes one recipe; which one, and whether it passes, the repository's files `plan/ECOSYSTEM` say. */
const COMMAND = `set -euo pipefail
mkdir -p "recipes/$BATCHBRAKE_ECOSYSTEM"
while read -r recipe status; do
  path="recipes/$BATCHBRAKE_ECOSYSTEM/$recipe.rb"
  if [ "$status" = crash ]; then exit 3; fi
  if [ "$status" = cut ]; then printf '{"recipe":"%s","sta' "$path" >> "$BATCHBRAKE_RESULTS"; exit 3; fi
  if [ "$status" = cut-quiet ]; then printf '{"recipe":"%s","sta' "$path" >> "$BATCHBRAKE_RESULTS"; exit 0; fi
  if [ "$status" = attack ]; then
    echo 'require("node:fs").writeFileSync(process.env.GITHUB_WORKSPACE + "/../../owned", "")' > .github/batchbrake/batchbrake.cjs
    status=passed
  fi
  if [ "$status" = costly ]; then
    echo linux=90 >> "$(dirname "$BATCHBRAKE_RESULTS")/minutes.txt"
    status=passed
  fi
  if [ "$status" = killed ]; then
    printf '{"recipe":"%s","sta' "$path" >> "$BATCHBRAKE_RESULTS"
    kill -KILL $$
  fi
  if [ "$status" = silent ]; then
    echo "$recipe" > "$path"
    continue
  fi
  if [ "$status" = clash ]; then
    echo "by $BATCHBRAKE_ECOSYSTEM" > recipes/clash.rb
    status=passed
  fi
  if [ "$status" = commit ]; then
    echo "by itself" > "recipes/$BATCHBRAKE_ECOSYSTEM/committed.rb"
    git add --all
    git -c user.name=own -c user.email=own@example.com commit --quiet -m "By itself"
    status=passed
  fi
  if [ "$status" = stray ]; then echo stray > stray.txt; status=passed; fi
  printf '{"recipe":"%s","status":"%s"}\\n' "$path" "$status" >> "$BATCHBRAKE_RESULTS"
  if [ "$status" = passed ]; then echo "$recipe of $BATCHBRAKE_ECOSYSTEM for $BATCHBRAKE_RUN" > "$path"; fi
done < "plan/$BATCHBRAKE_ECOSYSTEM"
`

export interface GitHub {
  readonly workshop: Workshop
  readonly forge: () => ForgeState
  readonly change: (edit: (state: ForgeState) => void) => void
  /** What the API stands on: which jobs it lists, and what it answers instead. */
  readonly api: Behind
  /** Runs a generated workflow as it stands on the content branch. */
  readonly dispatch: (workflow: string, trigger: Trigger) => Promise<RunEnded>
  /** Commits what each ecosystem's next batch makes: `recipe status` a line. */
  readonly plan: (plans: Readonly<Record<string, ReadonlyArray<string>>>) => void
  readonly onMain: () => ReadonlyArray<string>
  /** Puts a program in the place of verbs: it answers what `answers` says, by the verb's first words. */
  readonly standIn: (answers: Readonly<Record<string, StandIn>>) => void
  /** The path of the program in the place of `gh`, before the machine's own. */
  readonly path: string
}

interface StandIn {
  readonly stdout: string
  readonly exitCode: number
}

/** A bundle that answers some verbs itself, as command and as Action, and leaves the others to the one beside it. */
const WRAPPER = `const { appendFileSync, writeFileSync } = require("node:fs")
const answers = __ANSWERS__
const words = process.argv.slice(2).join(" ")
const found = Object.entries(answers).find(([verb]) => words.startsWith(verb) || process.env.INPUT_COMMAND === verb)
if (found === undefined) require("./real.cjs")
else {
  const { exitCode, stdout } = found[1]
  if (process.argv.length > 2) process.stdout.write(stdout)
  else {
    writeFileSync(process.env.RUNNER_TEMP + "/answer.json", stdout)
    appendFileSync(process.env.GITHUB_OUTPUT, "file=" + process.env.RUNNER_TEMP + "/answer.json\\n")
  }
  process.exitCode = exitCode
}
`

const passing = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, place) => `r${place} passed`)
const failing = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, place) => `r${place} failed`)
export const plans = { failing, passing }

export const openGitHub = async (
  ecosystems: ReadonlyArray<string>,
  policy: Json = {},
  settings: Json = {}
): Promise<GitHub> => {
  const workshop = await openWorkshop(ecosystems, { content: ["recipes/**"], ...policy })
  const { clone, git, remote } = workshop
  git(remote, "config", "uploadpack.allowReachableSHA1InWant", "true")
  await workshop.expecting(0, ["workflows", "generate"])
  writeFileSync(join(clone, ".github/batchbrake/batch.sh"), COMMAND)
  if (Object.keys(settings).length > 0) {
    const own = workshop.read(".github/batchbrake/workflows.json")
    workshop.write(".github/batchbrake/workflows.json", JSON.stringify({ ...JSON.parse(own), ...settings }))
    await workshop.expecting(0, ["workflows", "generate"])
  }
  const commit = (message: string): void => {
    git(clone, "add", ".")
    git(clone, "commit", "-q", "--allow-empty", "-m", message)
    git(clone, "pull", "-q", "--rebase", "origin", "main")
    git(clone, "push", "-q", "origin", "HEAD:main")
  }
  const plan: GitHub["plan"] = (own) => {
    mkdirSync(join(clone, "plan"), { recursive: true })
    for (const [name, lines] of Object.entries(own)) writeFileSync(join(clone, "plan", name), `${lines.join("\n")}\n`)
    commit("Plan")
  }
  plan(Object.fromEntries(ecosystems.map((name) => [name, passing(2)])))
  const bin = join(workshop.directory, "bin")
  mkdirSync(bin)
  const program = join(import.meta.dirname, "GhProgram.ts")
  writeFileSync(join(bin, "gh"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`)
  writeFileSync(join(bin, "node"), `#!/bin/sh\necho "the machine's own node may be too old" >&2\nexit 9\n`)
  for (const name of ["gh", "node"]) chmodSync(join(bin, name), 0o755)
  const file = join(workshop.directory, "forge.json")
  const forge = (): ForgeState => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : structuredClone(EMPTY))
  const path = `${bin}:${process.env.PATH}`
  const change: GitHub["change"] = (edit) => {
    const state = forge()
    edit(state)
    writeFileSync(file, JSON.stringify(state))
  }
  const api: Behind = {
    change,
    fault: () => undefined,
    jobs: new Map(),
    remote,
    state: forge,
    url: () => server.url,
    watch: () => undefined
  }
  const server = await serveApi(api)
  return {
    api,
    change,
    dispatch: (workflow, trigger) =>
      runWorkflow(
        workshop,
        git(remote, "show", `${trigger.revision ?? "main"}:.github/workflows/batchbrake-${workflow}.yml`),
        {
          ...trigger,
          ended: (attempt, job) => {
            api.jobs.set(attempt, [...(api.jobs.get(attempt) ?? []), job])
            trigger.ended?.(attempt, job)
          },
          environment: {
            GITHUB_API_URL: server.url,
            PATH: path,
            STAND_IN_REMOTE: remote,
            STAND_IN_STATE: file,
            ...trigger.environment
          }
        }
      ),
    forge,
    standIn: (answers) => {
      const home = join(clone, ".github/batchbrake")
      const bundle = join(home, "batchbrake.cjs")
      if (!existsSync(join(home, "real.cjs"))) copyFileSync(bundle, join(home, "real.cjs"))
      writeFileSync(bundle, WRAPPER.replace("__ANSWERS__", JSON.stringify(answers)))
      commit("Put a stand-in in the place of verbs")
    },
    onMain: () =>
      git(remote, "ls-tree", "-r", "--name-only", "main", "recipes")
        .split("\n")
        .filter((line) => line !== ""),
    path,
    plan,
    workshop: {
      ...workshop,
      dispose: () => {
        server.close()
        workshop.dispose()
      }
    }
  }
}
