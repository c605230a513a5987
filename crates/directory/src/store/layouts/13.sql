-- Who has changed what. Instants in microseconds since 1970.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    name      TEXT,
    source    TEXT,
    interface TEXT NOT NULL,
    customer  INTEGER,
    account   INTEGER,
    action    TEXT NOT NULL,
    entry     TEXT NOT NULL,
    before    TEXT,
    after     TEXT
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_account ON audit (account, id);
CREATE INDEX audit_by_customer ON audit (customer, id);
