/** The schema, migration by migration. Written from migrations/*.sql by `npm run migrations`; edit those. */

/** One step of the schema. Steps are applied in order, each whole or not at all, and never changed once released. */
export interface Migration {
  /** The file's name; the store remembers it. */
  readonly name: string
  readonly statements: ReadonlyArray<string>
}

export const MIGRATIONS: ReadonlyArray<Migration> = [
  {
    name: "0001_runs.sql",
    statements: [
      `CREATE TABLE batch_runs (
  id INTEGER PRIMARY KEY,
  batch_id TEXT,
  ecosystem TEXT NOT NULL,
  started_at TEXT,
  completed_at TEXT NOT NULL,
  total_recipes INTEGER NOT NULL,
  passed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  success_rate REAL,
  macos_minutes INTEGER NOT NULL DEFAULT 0,
  linux_minutes INTEGER NOT NULL DEFAULT 0,
  minutes TEXT NOT NULL DEFAULT '{}',
  run_key TEXT NOT NULL,
  digest TEXT NOT NULL,
  intake TEXT NOT NULL,
  UNIQUE (ecosystem, run_key)
)`,
      `CREATE INDEX batch_runs_by_completion ON batch_runs (completed_at)`,
      `CREATE INDEX batch_runs_by_ecosystem ON batch_runs (ecosystem, completed_at)`,
      `CREATE INDEX batch_runs_by_batch ON batch_runs (batch_id)`,
      `CREATE TABLE recipe_results (
  id INTEGER PRIMARY KEY,
  batch_run_id INTEGER NOT NULL REFERENCES batch_runs (id) ON DELETE CASCADE,
  recipe_name TEXT NOT NULL,
  ecosystem TEXT NOT NULL,
  result TEXT NOT NULL,
  error_category TEXT,
  error_message TEXT,
  duration_seconds REAL,
  platform TEXT,
  weight REAL NOT NULL DEFAULT 1
)`,
      `CREATE INDEX recipe_results_by_run ON recipe_results (batch_run_id)`,
      `CREATE INDEX recipe_results_by_recipe ON recipe_results (recipe_name)`,
      `CREATE TABLE run_rollups (
  completed_at TEXT NOT NULL,
  batch_run_id INTEGER NOT NULL REFERENCES batch_runs (id) ON DELETE CASCADE,
  platform TEXT NOT NULL,
  ecosystem TEXT NOT NULL,
  runs INTEGER NOT NULL,
  vacuous_runs INTEGER NOT NULL,
  passed INTEGER NOT NULL,
  passed_weight REAL NOT NULL,
  passed_weight_squared REAL NOT NULL,
  failed INTEGER NOT NULL,
  failed_weight REAL NOT NULL,
  failed_weight_squared REAL NOT NULL,
  skipped INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  latency_0 INTEGER NOT NULL,
  latency_1 INTEGER NOT NULL,
  latency_2 INTEGER NOT NULL,
  latency_3 INTEGER NOT NULL,
  latency_4 INTEGER NOT NULL,
  latency_5 INTEGER NOT NULL,
  latency_6 INTEGER NOT NULL,
  latency_7 INTEGER NOT NULL,
  latency_8 INTEGER NOT NULL,
  latency_9 INTEGER NOT NULL,
  latency_10 INTEGER NOT NULL,
  latency_11 INTEGER NOT NULL,
  latency_12 INTEGER NOT NULL,
  latency_13 INTEGER NOT NULL,
  latency_14 INTEGER NOT NULL,
  latency_15 INTEGER NOT NULL,
  latency_16 INTEGER NOT NULL,
  latency_17 INTEGER NOT NULL,
  latency_18 INTEGER NOT NULL,
  latency_19 INTEGER NOT NULL,
  latency_20 INTEGER NOT NULL,
  PRIMARY KEY (completed_at, batch_run_id, platform)
) WITHOUT ROWID`,
      `CREATE INDEX run_rollups_by_run ON run_rollups (batch_run_id)`,
      `CREATE TABLE daily_rollups (
  day TEXT NOT NULL,
  ecosystem TEXT NOT NULL,
  platform TEXT NOT NULL,
  runs INTEGER NOT NULL,
  vacuous_runs INTEGER NOT NULL,
  passed INTEGER NOT NULL,
  passed_weight REAL NOT NULL,
  passed_weight_squared REAL NOT NULL,
  failed INTEGER NOT NULL,
  failed_weight REAL NOT NULL,
  failed_weight_squared REAL NOT NULL,
  skipped INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  latency_0 INTEGER NOT NULL,
  latency_1 INTEGER NOT NULL,
  latency_2 INTEGER NOT NULL,
  latency_3 INTEGER NOT NULL,
  latency_4 INTEGER NOT NULL,
  latency_5 INTEGER NOT NULL,
  latency_6 INTEGER NOT NULL,
  latency_7 INTEGER NOT NULL,
  latency_8 INTEGER NOT NULL,
  latency_9 INTEGER NOT NULL,
  latency_10 INTEGER NOT NULL,
  latency_11 INTEGER NOT NULL,
  latency_12 INTEGER NOT NULL,
  latency_13 INTEGER NOT NULL,
  latency_14 INTEGER NOT NULL,
  latency_15 INTEGER NOT NULL,
  latency_16 INTEGER NOT NULL,
  latency_17 INTEGER NOT NULL,
  latency_18 INTEGER NOT NULL,
  latency_19 INTEGER NOT NULL,
  latency_20 INTEGER NOT NULL,
  PRIMARY KEY (day, ecosystem, platform)
) WITHOUT ROWID`,
      `CREATE TABLE retention (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  pruned_before TEXT NOT NULL
)`
    ]
  },
  {
    name: "0002_alerts.sql",
    statements: [
      `CREATE TABLE alerts (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  content TEXT NOT NULL,
  writer TEXT NOT NULL
)`
    ]
  },
  {
    name: "0003_origin.sql",
    statements: [
      `ALTER TABLE batch_runs ADD COLUMN origin INTEGER NOT NULL DEFAULT 0`,
      `UPDATE batch_runs SET origin = 1
WHERE NOT EXISTS (SELECT 1 FROM recipe_results WHERE recipe_results.batch_run_id = batch_runs.id)`
    ]
  }
]
