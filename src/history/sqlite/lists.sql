-- Ways that are in no order of arrival: a row has those of many members, timelines, or claim
-- control numbers. A run adds a row to each part, and puts the rows of some parts together.
-- The temporary tables were made of what stood here before.

CREATE TABLE main.member_lists (
    id INTEGER PRIMARY KEY,
    part INTEGER NOT NULL,            -- hash / 4194304
    lists TEXT NOT NULL               -- by hash of plan and member: [timeline_id, plan, member], ...
) STRICT;
INSERT INTO main.member_lists SELECT * FROM temp.member_lists;
CREATE INDEX main.member_lists_by_part ON member_lists (part);

CREATE TABLE main.timeline_lists (
    id INTEGER PRIMARY KEY,
    part INTEGER NOT NULL,            -- timeline_id / 1024
    lists TEXT NOT NULL               -- by timeline: [service_date or "", line_id, and where the
) STRICT;                             -- line makes a session: phase or "", muscles if any], ...
INSERT INTO main.timeline_lists SELECT * FROM temp.timeline_lists;
CREATE INDEX main.timeline_lists_by_part ON timeline_lists (part);

CREATE TABLE main.number_lists (
    id INTEGER PRIMARY KEY,
    part TEXT NOT NULL,               -- the first two characters of claim_control_number
    lists TEXT NOT NULL               -- by the first six: claim_id, ...
) STRICT;
INSERT INTO main.number_lists SELECT * FROM temp.number_lists;
CREATE INDEX main.number_lists_by_part ON number_lists (part);

-- Sessions that are not as the lists say, since something was taken back or reviewed.
CREATE TABLE main.changed_sessions (
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    service_date TEXT NOT NULL,
    line_id INTEGER REFERENCES lines, -- the line paid; null: the date is no session any more
    phase TEXT,
    muscles TEXT,
    PRIMARY KEY (timeline_id, service_date)
) STRICT, WITHOUT ROWID;

DROP TABLE temp.member_lists;
DROP TABLE temp.timeline_lists;
DROP TABLE temp.number_lists;
DROP TABLE temp.changed_sessions;
DROP VIEW claim_numbers;
DROP VIEW timeline_lines;
DROP VIEW sessions;
DROP TABLE settled_claim_numbers;
DROP TABLE settled_timeline_lines;
DROP TABLE settled_sessions;
DROP TABLE recent_claim_numbers;
DROP TABLE recent_timeline_lines;
DROP TABLE recent_sessions;

-- No two of a plan and member; its index was changed all over by every night.
CREATE TEMP TABLE kept AS SELECT * FROM timelines;
DROP TABLE timelines;
CREATE TABLE timelines (
    id INTEGER PRIMARY KEY,
    plan TEXT NOT NULL,               -- empty where no plan takes the claim
    member TEXT NOT NULL,             -- the member key
    is_identified INTEGER NOT NULL    -- whether there is a subscriber id
) STRICT;
INSERT INTO timelines SELECT * FROM temp.kept;
DROP TABLE temp.kept;
CREATE INDEX timelines_by_plan ON timelines (plan);
CREATE INDEX timelines_unidentified ON timelines (plan) WHERE is_identified = 0;

CREATE VIEW claim_numbers AS
SELECT part, prefixes.key AS prefix, listed.value AS claim_id
FROM number_lists, json_each(lists) AS prefixes, json_each(prefixes.value) AS listed;

CREATE VIEW timeline_lines AS
SELECT part, CAST(timelines.key AS INTEGER) AS timeline_id, listed.value ->> 0 AS service_date,
       listed.value ->> 1 AS line_id
FROM timeline_lists, json_each(lists) AS timelines, json_each(timelines.value) AS listed;

CREATE VIEW sessions AS
WITH listed AS (
    SELECT part, CAST(timelines.key AS INTEGER) AS timeline_id, listed.value ->> 0 AS service_date,
           listed.value ->> 1 AS line_id, listed.value ->> 2 AS phase,
           listed.value -> 3 AS muscles
    FROM timeline_lists, json_each(lists) AS timelines, json_each(timelines.value) AS listed)
SELECT listed.part, listed.timeline_id, listed.service_date, listed.line_id,
       CASE WHEN changed.timeline_id IS NULL THEN nullif(listed.phase, '') ELSE changed.phase
           END AS phase,
       CASE WHEN changed.timeline_id IS NULL THEN listed.muscles ELSE changed.muscles
           END AS muscles
FROM listed LEFT JOIN changed_sessions AS changed
    ON changed.timeline_id = listed.timeline_id AND changed.service_date = listed.service_date
WHERE CASE WHEN changed.timeline_id IS NULL THEN listed.phase IS NOT NULL
           ELSE changed.line_id = listed.line_id END;
