-- Payments that operators record. They are not part of the directory file: applying one leaves them as they are.
-- Amounts as decimal text, instants in microseconds since 1970.
CREATE TABLE payments (
    uuid       TEXT PRIMARY KEY,
    account    INTEGER NOT NULL,
    amount     TEXT NOT NULL,
    notes      TEXT,
    created_at INTEGER NOT NULL
) STRICT;
