-- The alerts that stand, as the last evaluation left them: one row, written by who has read its version.

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  content TEXT NOT NULL,
  -- Tells a writer whose answer was lost that the row is its own.
  writer TEXT NOT NULL
);
