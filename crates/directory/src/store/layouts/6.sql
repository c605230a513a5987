-- Lists of numbers that calls may go to, or may not. Their items are the customers' own: applying a file leaves
-- them as they are. `key` as it was given, `canonical` without `+`.
CREATE TABLE numberlists (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    customer       INTEGER NOT NULL REFERENCES customers,
    mode           TEXT NOT NULL,
    default_action TEXT NOT NULL
) STRICT;

CREATE TABLE numberlist_accounts (
    numberlist INTEGER NOT NULL REFERENCES numberlists,
    account    INTEGER NOT NULL REFERENCES accounts,
    PRIMARY KEY (numberlist, account)
) STRICT;

CREATE TABLE numberlist_items (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    numberlist INTEGER NOT NULL,
    key        TEXT NOT NULL,
    canonical  TEXT NOT NULL,
    action     TEXT,
    UNIQUE (numberlist, canonical)
) STRICT;
