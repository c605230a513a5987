-- What accounts pay for besides their calls. Amounts as decimal text, instants in microseconds since 1970.
CREATE TABLE services (
    uuid          TEXT PRIMARY KEY,
    account       INTEGER NOT NULL REFERENCES accounts,
    name          TEXT NOT NULL,
    type          TEXT NOT NULL,
    initial_price TEXT NOT NULL,
    renew_price   TEXT NOT NULL,
    renew_period  TEXT,
    starts_at     INTEGER NOT NULL,
    ends_at       INTEGER,
    UNIQUE (account, name)
) STRICT;
-- What of their calls customers are not shown, as words with blanks between them.
ALTER TABLE customers ADD COLUMN hidden_cdr_fields TEXT NOT NULL DEFAULT '';
