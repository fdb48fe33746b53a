-- What a run adds in no order of its keys stands in small tables first, and is moved on part by
-- part; a view puts both together. Only the views are meant to be asked.

ALTER TABLE claim_numbers RENAME TO settled_claim_numbers;
ALTER TABLE timeline_lines RENAME TO settled_timeline_lines;
ALTER TABLE sessions RENAME TO settled_sessions;

CREATE TABLE recent_claim_numbers (
    prefix TEXT NOT NULL,
    claim_id INTEGER NOT NULL REFERENCES claims,
    PRIMARY KEY (prefix, claim_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE recent_timeline_lines (
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    service_date TEXT NOT NULL,
    line_id INTEGER NOT NULL REFERENCES lines,
    PRIMARY KEY (timeline_id, service_date, line_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE recent_sessions (
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    service_date TEXT NOT NULL,
    line_id INTEGER NOT NULL REFERENCES lines,
    phase TEXT,
    muscles TEXT,
    PRIMARY KEY (timeline_id, service_date)
) STRICT, WITHOUT ROWID;

CREATE TABLE settling (
    next_part INTEGER NOT NULL        -- of 1,024 parts of the keys: the one that is moved next
) STRICT;
INSERT INTO settling VALUES (0);

CREATE VIEW claim_numbers AS
SELECT * FROM settled_claim_numbers UNION ALL SELECT * FROM recent_claim_numbers;

CREATE VIEW timeline_lines AS
SELECT * FROM settled_timeline_lines UNION ALL SELECT * FROM recent_timeline_lines;

CREATE VIEW sessions AS
SELECT * FROM settled_sessions UNION ALL SELECT * FROM recent_sessions;
