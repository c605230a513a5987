-- Programs that may ask for tokens. Without a hash of a secret they cannot keep one.
CREATE TABLE applications (
    client_id     TEXT PRIMARY KEY,
    account       INTEGER NOT NULL REFERENCES accounts,
    name          TEXT NOT NULL,
    secret_sha256 TEXT
) STRICT;

CREATE TABLE application_redirects (
    application TEXT NOT NULL REFERENCES applications,
    uri         TEXT NOT NULL,
    PRIMARY KEY (application, uri)
) STRICT;
