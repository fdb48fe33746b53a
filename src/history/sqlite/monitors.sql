-- Rules that plans monitor, and their hits: docs/history.md describes them.

CREATE TABLE monitors (
    id INTEGER PRIMARY KEY,           -- the monitors of a run in the order of its plans file
    run_id INTEGER NOT NULL REFERENCES runs,
    plan TEXT NOT NULL,
    rule TEXT NOT NULL,
    changes TEXT NOT NULL,            -- what it sets of its rule
    citation TEXT NOT NULL            -- the document that it is of
) STRICT;
CREATE INDEX monitors_by_run ON monitors (run_id);

CREATE TABLE hits (
    line_id INTEGER NOT NULL REFERENCES lines,
    monitor_id INTEGER NOT NULL REFERENCES monitors,
    outcome_id INTEGER NOT NULL REFERENCES outcomes,  -- what it would have decided
    text TEXT NOT NULL,
    at_stake_cents INTEGER NOT NULL,  -- allowed by its run, and not under the monitor
    PRIMARY KEY (line_id, monitor_id)
) STRICT, WITHOUT ROWID;
