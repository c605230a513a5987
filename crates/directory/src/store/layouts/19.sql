-- Where accounts have events sent to. Types as words with blanks between them.
CREATE TABLE webhooks (
    account   INTEGER NOT NULL REFERENCES accounts,
    name      TEXT NOT NULL,
    url       TEXT NOT NULL,
    format    TEXT NOT NULL,
    types     TEXT NOT NULL,
    extension TEXT,
    trunk     INTEGER REFERENCES trunks,
    secret    TEXT NOT NULL,
    PRIMARY KEY (account, name)
) STRICT;
