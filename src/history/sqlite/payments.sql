-- What was paid, held and taken back: docs/history.md and docs/remittance.md describe it.

CREATE TABLE payments (
    claim_id INTEGER PRIMARY KEY REFERENCES claims,
    stands_as TEXT NOT NULL,          -- held, paid, reversed, dropped (taken back while held)
    payment TEXT NOT NULL             -- the claim as its remittance tells of it, as JSON
) STRICT;
CREATE INDEX payments_held ON payments (claim_id) WHERE stands_as = 'held';

CREATE TABLE remittances (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs,
    interchange INTEGER NOT NULL,     -- ISA13 and GS06
    payer TEXT NOT NULL,              -- as the plans file named it, as JSON
    payer_tax_id TEXT NOT NULL,
    payee TEXT NOT NULL,              -- as JSON
    payee_npi TEXT NOT NULL,          -- empty: none
    payee_tax_id TEXT NOT NULL,       -- empty: none
    trace_number TEXT NOT NULL,       -- TRN02
    payment_date TEXT NOT NULL,       -- BPR16
    method TEXT NOT NULL,             -- BPR04 as asked for
    claims_cents INTEGER NOT NULL,    -- the sum of CLP04
    owed_before_cents INTEGER NOT NULL,  -- carried from the payee's last remittance
    owed_from TEXT NOT NULL,          -- its trace number; empty: nothing was carried
    paid_cents INTEGER NOT NULL,      -- BPR02
    owed_after_cents INTEGER NOT NULL -- carried to the payee's next remittance
) STRICT;
CREATE INDEX remittances_by_run ON remittances (run_id);
CREATE INDEX remittances_by_payee ON remittances (payer_tax_id, payee_npi, payee_tax_id, id);
CREATE INDEX remittances_by_trace ON remittances (trace_number);

-- The claims of a remittance. A purge removes payments; what was remitted stays.
CREATE TABLE remitted (
    remittance_id INTEGER NOT NULL REFERENCES remittances,
    position INTEGER NOT NULL,        -- from 1
    claim_id INTEGER NOT NULL,
    is_reversal INTEGER NOT NULL,
    charge_cents INTEGER NOT NULL,    -- CLP03
    paid_cents INTEGER NOT NULL,      -- CLP04
    PRIMARY KEY (remittance_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX remitted_by_claim ON remitted (claim_id);

CREATE VIEW payment_lines AS
SELECT payments.claim_id, payments.stands_as, line.key + 1 AS position,
       line.value ->> '$.number' AS line, line.value ->> '$.procedure' AS procedure,
       line.value ->> '$.charge' AS charge_cents, line.value ->> '$.allowed' AS allowed_cents,
       line.value ->> '$.paid' AS paid_cents, line.value ->> '$.units_billed' AS units_billed,
       line.value ->> '$.units_paid' AS units_paid,
       line.value ->> '$.line_control_number' AS line_control_number,
       line.value ->> '$.is_pended' AS is_pended, line.value -> '$.policies' AS policies,
       line.value -> '$.remarks' AS remarks
FROM payments, json_each(payments.payment, '$.lines') AS line;

CREATE VIEW payment_adjustments AS
SELECT payments.claim_id, payments.stands_as, line.key + 1 AS position,
       adjustment.value ->> '$.group' AS group_code, adjustment.value ->> '$.reason' AS carc,
       adjustment.value ->> '$.amount' AS amount_cents, adjustment.value ->> '$.units' AS units
FROM payments, json_each(payments.payment, '$.lines') AS line,
     json_each(line.value, '$.adjustments') AS adjustment;
