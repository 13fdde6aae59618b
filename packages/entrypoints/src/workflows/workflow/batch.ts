/** Gate with claim, a matrix of the user's own command, record, seal, pull request, the gate again, merge. */
import { MOST_BY_HAND } from "../../action/boundsOf.ts"
import { GATE_MINUTES, RECORD_MINUTES } from "../lease.ts"
import { matrixJob } from "../matrixJob.ts"
import { act, checkOut, expression, HOME, job, type Mapping, METRICS, queued, renderWorkflow, script } from "../Part.ts"
import { pinned } from "../PinnedAction.ts"
import type { Plan } from "../Plan.ts"
import { land } from "./batch/land.ts"
import { propose } from "./batch/propose.ts"
import { REPORTS, reports } from "./batch/reports.ts"

/** Running a scheduled run again is a press of a button too: it has no ecosystem, so its gate refuses it. */
const BY_HAND = expression("github.event_name == 'workflow_dispatch' || github.run_attempt > 1")

const gate = (plan: Plan): Mapping =>
  job(plan, {
    minutes: GATE_MINUTES,
    name: "Gate",
    outputs: {
      attempt: expression("github.run_attempt"),
      can_proceed: expression("steps.gate.outputs.can_proceed"),
      claims: expression("steps.gate.outputs.claims"),
      matrix: expression("steps.gate.outputs.matrix")
    },
    permissions: { contents: { note: "the grant is written to the control branch", value: "write" } },
    steps: [
      checkOut(plan, "keeps its token"),
      act(
        plan,
        { id: "gate", name: "Ask what may run, and take the grant" },
        {
          command: "gate",
          claim: true,
          ecosystems: expression("inputs.ecosystem"),
          limit: expression("inputs.size"),
          "by-hand": BY_HAND
        }
      )
    ]
  })

const generate = (plan: Plan): Mapping =>
  job(plan, {
    // Where the failed jobs alone are run again the gate was not asked, and what it granted is used.
    if: expression("needs.gate.outputs.can_proceed == 'true' && needs.gate.outputs.attempt == github.run_attempt"),
    minutes: plan.command_minutes,
    name: matrixJob(expression("matrix.ecosystem")),
    needs: "gate",
    permissions: { contents: { note: "the command of the repository's own has no more than this", value: "read" } },
    steps: [
      checkOut(plan, "keeps no token"),
      script({ id: "begin", name: "Remember where it begins" }, {}, [
        'echo "commit=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"'
      ]),
      script(
        { name: "Make and validate recipes" },
        {
          BATCHBRAKE_ATTEMPTS: expression("matrix.max_attempts"),
          BATCHBRAKE_DECISION: expression("matrix.decision"),
          BATCHBRAKE_ECOSYSTEM: expression("matrix.ecosystem"),
          BATCHBRAKE_PROBE_RECIPES: expression("matrix.probe_recipes"),
          BATCHBRAKE_RECIPES: expression("matrix.batch_size"),
          BATCHBRAKE_RUN: expression("matrix.run_key"),
          BATCHBRAKE_SAMPLING: expression("matrix.sampling")
        },
        [
          'report="$RUNNER_TEMP/report"',
          'mkdir -p "$report"',
          "# Whose report it is: one of an earlier attempt has the same name.",
          'echo "$BATCHBRAKE_RUN" > "$report/run.txt"',
          'export BATCHBRAKE_RESULTS="$report/results.jsonl"',
          "# A started minute is a minute, whatever came of it; jobs on other platforms add lines of their own.",
          `trap 'echo "linux=$((SECONDS / 60 + 1))" >> "$report/minutes.txt"' EXIT`,
          "# A shell hears a signal only while it waits: so also a run that is cancelled, or out of time, states its minutes.",
          `bash ${HOME}/batch.sh &`,
          "child=$!",
          `trap 'kill "$child" || true; exit 130' INT TERM`,
          'wait "$child"'
        ]
      ),
      script({ name: "Keep what changed" }, { BEGIN: expression("steps.begin.outputs.commit") }, [
        "# Against the commit that was checked out: what the command committed by itself is a change too.",
        "git add --all",
        'git diff-index --cached --binary --patch "$BEGIN" > "$RUNNER_TEMP/changes.patch"',
        "# Its hash, so that what was cut on its way is not taken for the whole.",
        'git hash-object --no-filters "$RUNNER_TEMP/changes.patch" > "$RUNNER_TEMP/report/changes.id"',
        'mv "$RUNNER_TEMP/changes.patch" "$RUNNER_TEMP/report/changes.patch"'
      ]),
      {
        name: "Hand in the report",
        if: expression("always()"),
        uses: pinned("actions/upload-artifact"),
        with: {
          name: `report-${expression("matrix.ecosystem")}`,
          path: `${expression("runner.temp")}/report`,
          "if-no-files-found": "ignore",
          overwrite: true,
          "retention-days": 1
        }
      }
    ],
    strategy: {
      "fail-fast": false,
      "max-parallel": plan.at_once,
      matrix: expression("fromJSON(needs.gate.outputs.matrix)")
    }
  })

/** A step that is taken whatever happened before. */
const whatever = (step: Mapping): Mapping => ({ ...step, if: expression("always()") })
const onceIn = (step: Mapping): Mapping => ({
  ...step,
  if: expression("always() && steps.reports.outcome == 'success'")
})

const record = (plan: Plan): Mapping =>
  job(plan, {
    // Also when the run was cancelled, and its steps too: whoever reported nothing gives its grant back here.
    if: expression("always() && needs.gate.outputs.can_proceed == 'true'"),
    minutes: RECORD_MINUTES,
    name: "Record",
    needs: ["gate", "generate"],
    outputs: { recorded: expression("steps.record.outputs.recorded") },
    permissions: {
      actions: { note: "asks how long the jobs of the matrix took", value: "read" },
      contents: { note: "all reports are one commit on the control branch", value: "write" },
      "pull-requests": { note: "keeps open batches of what tripped from landing by themselves", value: "write" },
      statuses: { note: "turns the checks of open batches of what tripped red", value: "write" }
    },
    steps: [
      whatever(checkOut(plan, "keeps its token")),
      whatever({ ...reports, id: "reports" }),
      // What was handed in and did not come here is not "no report": the grants stay, and the jobs that failed can be run again.
      onceIn(
        act(
          plan,
          {
            env: { ...METRICS, GITHUB_TOKEN: expression("github.token") },
            id: "record",
            name: "Record every report in one commit"
          },
          {
            command: "record",
            claims: expression("needs.gate.outputs.claims"),
            // The attempt whose gate granted: running failed jobs again measures the same, and so records the same.
            jobs: `${expression("github.run_id")}/${expression("needs.gate.outputs.attempt")}`,
            reports: REPORTS
          }
        )
      ),
      onceIn(
        act(
          plan,
          { env: { GITHUB_TOKEN: expression("github.token") }, name: "Turn open batches of what tripped red" },
          { command: "batch-judge", "red-only": true }
        )
      )
    ]
  })

/** Full batches run on the schedule only: the form takes one ecosystem and few recipes, so nobody spends the budget by pressing. */
export const batch = (plan: Plan): string =>
  renderWorkflow({
    concurrency: queued("batchbrake-batch"),
    jobs: {
      gate: gate(plan),
      generate: generate(plan),
      record: record(plan),
      propose: propose(plan),
      land: land(plan)
    },
    name: "Batchbrake batch",
    on: {
      schedule: [{ cron: plan.batch_schedule }],
      workflow_dispatch: {
        inputs: {
          ecosystem: { description: "The one ecosystem to run", required: true, type: "string" },
          size: {
            description: "How many recipes at most",
            required: true,
            type: "choice",
            default: "1",
            options: Array.from({ length: MOST_BY_HAND }, (_, place) => String(place + 1))
          }
        }
      }
    }
  })
