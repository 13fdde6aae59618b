import type { D1Binding } from "@batchbrake/adapters-d1/D1BindingMetricsStore"

/** What a deployment gives the Worker. Tokens are secrets; two of each are live at once, so that one can be replaced. */
export interface Environment {
  /** The D1 database, its schema brought forward by `batchbrake metrics migrate`. */
  readonly METRICS: D1Binding
  readonly WRITE_TOKEN?: string
  readonly WRITE_TOKEN_NEXT?: string
  readonly READ_TOKEN?: string
  readonly READ_TOKEN_NEXT?: string
  /** The text of `batch-policy.json`; without it every ecosystem has the default objective. */
  readonly POLICY?: string
  /** How many days runs are kept; 90 by default and at least. */
  readonly RETENTION_DAYS?: string
}
