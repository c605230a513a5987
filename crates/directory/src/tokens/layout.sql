CREATE TABLE grants (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    user          INTEGER NOT NULL,
    account       INTEGER NOT NULL,
    client_id     TEXT NOT NULL,
    openid        INTEGER NOT NULL,
    password      BLOB NOT NULL,
    access        BLOB NOT NULL,
    access_until  INTEGER NOT NULL,
    refresh       BLOB NOT NULL,
    refresh_until INTEGER NOT NULL,
    -- The grant that this one came of, if it is beside that.
    family        INTEGER,
    -- Words with blanks between them; empty for everything.
    scope         TEXT NOT NULL DEFAULT ''
) STRICT;

-- Refresh tokens that were exchanged already.
CREATE TABLE spent (
    refresh BLOB PRIMARY KEY,
    grant_id INTEGER NOT NULL REFERENCES grants ON DELETE CASCADE,
    until    INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_by_grant ON spent (grant_id);
