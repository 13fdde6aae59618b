/** What the jobs of the matrix hand in. */
import { expression, type Mapping } from "../../Part.ts"
import { pinned } from "../../PinnedAction.ts"

export const REPORTS = `${expression("runner.temp")}/reports`

export const reports: Mapping = {
  name: "Take the reports in",
  uses: pinned("actions/download-artifact"),
  with: { pattern: "report-*", path: REPORTS }
}
