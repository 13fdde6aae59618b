-- Which runs were restored from the control branch, where they have no results: their own reports take their places.

-- 0: the run's own report; 1: restored; 2: its own report, in place of a restored one.
ALTER TABLE batch_runs ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;

-- Of earlier runs without results nobody knows.
UPDATE batch_runs SET origin = 1
WHERE NOT EXISTS (SELECT 1 FROM recipe_results WHERE recipe_results.batch_run_id = batch_runs.id);
