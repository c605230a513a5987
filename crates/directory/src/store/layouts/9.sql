-- Invoices that operators make, with what they come to by destination. They are not part of the directory file:
-- applying one leaves them as they are. Amounts as decimal text, instants in microseconds since 1970.
CREATE TABLE invoices (
    uuid       TEXT PRIMARY KEY,
    account    INTEGER NOT NULL,
    reference  TEXT NOT NULL,
    from_at    INTEGER NOT NULL,
    until_at   INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE invoice_lines (
    invoice        TEXT NOT NULL REFERENCES invoices,
    line           INTEGER NOT NULL,
    prefix         TEXT,
    calls          INTEGER NOT NULL,
    answered       INTEGER NOT NULL,
    seconds        INTEGER NOT NULL,
    billed_seconds INTEGER NOT NULL,
    amount         TEXT NOT NULL,
    first_at       INTEGER,
    last_at        INTEGER,
    first_answered_at INTEGER,
    last_answered_at  INTEGER,
    PRIMARY KEY (invoice, line)
) STRICT;
