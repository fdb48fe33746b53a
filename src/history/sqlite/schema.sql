-- A history of adjudication runs. docs/history.md describes it, with worked queries.
-- Amounts are whole cents, dates are CCYY-MM-DD, lists are JSON.

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,               -- adjudicate, import, decide
    recorded_at TEXT NOT NULL,        -- UTC
    engine TEXT NOT NULL,             -- version of claimstream
    billing_date TEXT,                -- the latest GS04
    plans_digest TEXT,                -- SHA-256 of the plans file
    facts_digest TEXT,                -- SHA-256 of the facts file
    members_digest TEXT,              -- SHA-256 of the members file
    has_all_lines INTEGER NOT NULL,   -- lines that are not governed are kept too
    first_claim INTEGER,              -- its claims: claims.id from first_claim to last_claim
    last_claim INTEGER,
    first_line INTEGER,               -- its lines: lines.id from first_line to last_line
    last_line INTEGER,
    forgotten_at TEXT                 -- taken back as a whole: nothing of it is left
) STRICT;

CREATE TABLE run_plans (
    run_id INTEGER NOT NULL REFERENCES runs,
    plan TEXT NOT NULL,
    policy TEXT NOT NULL,
    digest TEXT NOT NULL,             -- SHA-256 of the policy
    PRIMARY KEY (run_id, plan)
) STRICT, WITHOUT ROWID;

CREATE TABLE inputs (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs,
    name TEXT NOT NULL,               -- as given
    digest TEXT NOT NULL,             -- SHA-256 of the decompressed bytes
    status TEXT NOT NULL,             -- adjudicated, or known (left out), nothing (nothing accepted)
    first_claim INTEGER,
    last_claim INTEGER,
    purged_before TEXT                -- claims from before this date are no longer here
) STRICT;
CREATE INDEX inputs_by_digest ON inputs (digest);
CREATE INDEX inputs_by_run ON inputs (run_id);

CREATE TABLE interchanges (
    id INTEGER PRIMARY KEY,
    input_id INTEGER NOT NULL REFERENCES inputs,
    sender TEXT NOT NULL,             -- ISA06
    receiver TEXT NOT NULL,           -- ISA08
    date TEXT NOT NULL,               -- ISA09
    time TEXT NOT NULL,               -- ISA10
    control_number TEXT NOT NULL,     -- ISA13
    UNIQUE (control_number, sender, receiver, date, time)
) STRICT;
CREATE INDEX interchanges_by_input ON interchanges (input_id);

CREATE TABLE transaction_sets (
    id INTEGER PRIMARY KEY,
    interchange_id INTEGER NOT NULL REFERENCES interchanges,
    group_control_number TEXT NOT NULL,  -- GS06
    control_number TEXT NOT NULL,        -- ST02
    billing_date TEXT,                   -- GS04
    is_encounter INTEGER NOT NULL        -- BHT06 is RP
) STRICT;
CREATE INDEX transaction_sets_by_interchange ON transaction_sets (interchange_id);

CREATE TABLE timelines (
    id INTEGER PRIMARY KEY,
    plan TEXT NOT NULL,               -- empty where no plan takes the claim
    member TEXT NOT NULL,             -- the member key
    is_identified INTEGER NOT NULL,   -- whether there is a subscriber id
    UNIQUE (plan, member)
) STRICT;
CREATE INDEX timelines_unidentified ON timelines (plan) WHERE is_identified = 0;

CREATE TABLE claims (
    id INTEGER PRIMARY KEY,           -- in arrival order, over all runs
    input_id INTEGER NOT NULL REFERENCES inputs,
    transaction_set_id INTEGER REFERENCES transaction_sets,  -- null: an imported session
    ordinal INTEGER NOT NULL,         -- place among the CLM of its transaction set, from 1
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    claim_control_number TEXT,        -- null: an imported session
    patient_control_number TEXT NOT NULL,  -- CLM01
    billing_provider TEXT NOT NULL,   -- empty: none
    frequency INTEGER NOT NULL,       -- 1, or 7 (replaces) or 8 (voids)
    is_other_payer INTEGER NOT NULL,  -- SBR01 is not P
    status TEXT NOT NULL,             -- active, void, taken back, passing (nothing governed)
    taken_back_by INTEGER REFERENCES claims,
    first_line INTEGER NOT NULL,      -- its lines: lines.id from first_line to last_line
    last_line INTEGER NOT NULL
) STRICT;
CREATE INDEX claims_taken_back ON claims (taken_back_by) WHERE taken_back_by IS NOT NULL;

-- Ways to claims and lines. They are tables and no indexes, so that a run can add to them in
-- key order: in any other order every entry would be a page of its own.
CREATE TABLE claim_numbers (
    prefix TEXT NOT NULL,             -- the first six characters of claim_control_number
    claim_id INTEGER NOT NULL REFERENCES claims,
    PRIMARY KEY (prefix, claim_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE timeline_lines (
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    service_date TEXT NOT NULL,       -- empty: none
    line_id INTEGER NOT NULL REFERENCES lines,
    PRIMARY KEY (timeline_id, service_date, line_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_versions (
    id INTEGER PRIMARY KEY,
    policy TEXT NOT NULL,
    version TEXT,                     -- effective date; null: none in force
    UNIQUE (policy, version)
) STRICT;

CREATE TABLE unverified (
    id INTEGER PRIMARY KEY,
    criteria TEXT NOT NULL UNIQUE     -- criteria taken on trust
) STRICT;

CREATE TABLE lines (
    id INTEGER PRIMARY KEY,           -- in arrival order, over all runs
    claim_id INTEGER NOT NULL REFERENCES claims,
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    line INTEGER NOT NULL,            -- LX01
    line_control_number TEXT,         -- REF*6R
    rendering_provider TEXT NOT NULL, -- empty: none
    service_date TEXT,
    procedure TEXT NOT NULL,
    modifiers TEXT NOT NULL,
    diagnoses TEXT NOT NULL,          -- those it points at
    units TEXT,                       -- a decimal; null: no number
    is_unit_count INTEGER NOT NULL,   -- SV103 is UN
    charge_cents INTEGER NOT NULL,
    role TEXT,                        -- the code set of its policy; null: not governed
    policy_version_id INTEGER REFERENCES policy_versions,
    decision TEXT NOT NULL,           -- as its run decided; never changes
    units_allowed TEXT NOT NULL,
    allowed_cents INTEGER NOT NULL,
    phase TEXT,
    session INTEGER,
    unverified_id INTEGER REFERENCES unverified,
    is_original_unknown INTEGER NOT NULL,
    muscles TEXT,                     -- of its date, where the clinical facts name them
    facts_phase TEXT,                 -- the phase that the clinical facts name
    is_seen INTEGER NOT NULL,         -- whether lines of other claims see it
    stands_as TEXT                    -- what it counts as now; null: taken back, or never judged
) STRICT;
CREATE INDEX lines_pended ON lines (service_date) WHERE stands_as = 'pend';

CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    basis TEXT NOT NULL,              -- policy, coding, claim
    clause TEXT NOT NULL,
    decision TEXT NOT NULL,
    group_code TEXT,
    carc TEXT,
    rarc TEXT NOT NULL,
    status TEXT
) STRICT;

CREATE TABLE reasons (
    line_id INTEGER NOT NULL REFERENCES lines,
    position INTEGER NOT NULL,        -- from 1, in the order of the rules
    outcome_id INTEGER NOT NULL REFERENCES outcomes,
    text TEXT NOT NULL,
    PRIMARY KEY (line_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE reversals (
    line_id INTEGER PRIMARY KEY REFERENCES lines,  -- a line of an earlier run
    claim_id INTEGER NOT NULL REFERENCES claims,   -- the void or replacement
    units_allowed TEXT NOT NULL,      -- taken back: negative
    allowed_cents INTEGER NOT NULL
) STRICT;
CREATE INDEX reversals_by_claim ON reversals (claim_id);

CREATE TABLE reviews (
    line_id INTEGER PRIMARY KEY REFERENCES lines,  -- a line that was pended
    run_id INTEGER NOT NULL REFERENCES runs,
    decision TEXT NOT NULL,           -- pay, reduce, deny
    units_allowed TEXT NOT NULL,
    allowed_cents INTEGER NOT NULL,
    phase TEXT,                       -- of the session that it made
    group_code TEXT,
    carc TEXT,
    rarc TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    decided_on TEXT NOT NULL
) STRICT;
CREATE INDEX reviews_by_run ON reviews (run_id);

CREATE TABLE sessions (
    timeline_id INTEGER NOT NULL REFERENCES timelines,
    service_date TEXT NOT NULL,
    line_id INTEGER NOT NULL REFERENCES lines,  -- the line paid
    phase TEXT,                       -- the one it was decided with
    muscles TEXT,                     -- those it was decided with
    PRIMARY KEY (timeline_id, service_date)
) STRICT, WITHOUT ROWID;

-- What people ask for: every line with what stands around it.
CREATE VIEW determinations AS
SELECT runs.id AS run_id, inputs.name AS file, timelines.plan, timelines.member,
       claims.claim_control_number, claims.patient_control_number, claims.status AS claim_status,
       claims.billing_provider, lines.rendering_provider, lines.id AS line_id, lines.line,
       lines.line_control_number, lines.service_date, lines.procedure, lines.modifiers,
       lines.units, lines.charge_cents, lines.role, policy_versions.policy,
       policy_versions.version AS policy_version, lines.decision, lines.allowed_cents,
       lines.stands_as,
       CASE WHEN lines.stands_as IN ('pay', 'reduce')
            THEN coalesce(reviews.allowed_cents, lines.allowed_cents) ELSE 0 END
           AS allowed_now_cents,
       (SELECT outcomes.rule FROM reasons JOIN outcomes ON outcomes.id = reasons.outcome_id
        WHERE reasons.line_id = lines.id AND outcomes.decision = lines.decision
        ORDER BY position LIMIT 1) AS deciding_rule
FROM runs
JOIN lines ON lines.id BETWEEN runs.first_line AND runs.last_line
JOIN claims ON claims.id = lines.claim_id
JOIN inputs ON inputs.id = claims.input_id
JOIN timelines ON timelines.id = lines.timeline_id
LEFT JOIN policy_versions ON policy_versions.id = lines.policy_version_id
LEFT JOIN reviews ON reviews.line_id = lines.id;
