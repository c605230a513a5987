-- Ids are given by the program and never used twice; next_ids says which come next.
CREATE TABLE settings (
    realm         TEXT NOT NULL,
    next_customer INTEGER NOT NULL,
    next_center   INTEGER NOT NULL,
    next_user     INTEGER NOT NULL,
    next_device   INTEGER NOT NULL,
    next_trunk    INTEGER NOT NULL
) STRICT;

CREATE TABLE customers (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE centers (
    id       INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL REFERENCES customers,
    name     TEXT NOT NULL,
    UNIQUE (customer, name)
) STRICT;

CREATE TABLE accounts (
    id       INTEGER PRIMARY KEY,
    uuid     TEXT NOT NULL UNIQUE,
    customer INTEGER NOT NULL REFERENCES customers,
    center   INTEGER REFERENCES centers,
    name     TEXT NOT NULL
) STRICT;

CREATE TABLE devices (
    id          INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL REFERENCES accounts,
    mac         TEXT NOT NULL,
    sip_user    TEXT NOT NULL UNIQUE,
    ha1_md5     TEXT NOT NULL,
    ha1_sha256  TEXT NOT NULL,
    caller_id   TEXT,
    caller_name TEXT,
    UNIQUE (account, mac)
) STRICT;

CREATE TABLE extensions (
    account INTEGER NOT NULL REFERENCES accounts,
    number  TEXT NOT NULL,
    name    TEXT,
    PRIMARY KEY (account, number)
) STRICT;

-- The order of rows is the order of the phones.
CREATE TABLE extension_devices (
    account INTEGER NOT NULL,
    number  TEXT NOT NULL,
    device  INTEGER NOT NULL REFERENCES devices,
    FOREIGN KEY (account, number) REFERENCES extensions
) STRICT;

CREATE TABLE numbers (
    number     TEXT PRIMARY KEY,
    account    INTEGER NOT NULL,
    extension  TEXT NOT NULL,
    screen_pop TEXT,
    FOREIGN KEY (account, extension) REFERENCES extensions
) STRICT;

CREATE TABLE users (
    id                INTEGER PRIMARY KEY,
    customer          INTEGER NOT NULL REFERENCES customers,
    login             TEXT NOT NULL UNIQUE,
    password_hash     TEXT NOT NULL,
    name              TEXT NOT NULL,
    role              TEXT NOT NULL,
    extension_account INTEGER,
    extension         TEXT,
    FOREIGN KEY (extension_account, extension) REFERENCES extensions
) STRICT;

CREATE TABLE user_accounts (
    user    INTEGER NOT NULL REFERENCES users,
    account INTEGER NOT NULL REFERENCES accounts
) STRICT;

CREATE TABLE user_centers (
    user   INTEGER NOT NULL REFERENCES users,
    center INTEGER NOT NULL REFERENCES centers
) STRICT;

CREATE TABLE user_networks (
    user    INTEGER NOT NULL REFERENCES users,
    network TEXT NOT NULL
) STRICT;

CREATE TABLE trunks (
    id        INTEGER PRIMARY KEY,
    account   INTEGER NOT NULL REFERENCES accounts,
    name      TEXT NOT NULL UNIQUE,
    host      TEXT NOT NULL,
    port      INTEGER NOT NULL,
    transport TEXT NOT NULL,
    transit   INTEGER NOT NULL
) STRICT;

CREATE TABLE trunk_sources (
    trunk   INTEGER NOT NULL REFERENCES trunks,
    network TEXT NOT NULL,
    port    INTEGER
) STRICT;

CREATE TABLE trunk_routes (
    trunk    INTEGER NOT NULL REFERENCES trunks,
    prefix   TEXT NOT NULL,
    priority INTEGER NOT NULL,
    strip    INTEGER NOT NULL,
    prepend  TEXT NOT NULL,
    PRIMARY KEY (trunk, prefix)
) STRICT;

CREATE TABLE trunk_customers (
    trunk    INTEGER NOT NULL REFERENCES trunks,
    customer INTEGER NOT NULL REFERENCES customers
) STRICT;

-- Intervals in seconds; amounts as decimal text.
CREATE TABLE rates (
    account          INTEGER NOT NULL REFERENCES accounts,
    side             TEXT NOT NULL,
    prefix           TEXT NOT NULL,
    initial_interval INTEGER NOT NULL,
    initial_rate     TEXT NOT NULL,
    next_interval    INTEGER NOT NULL,
    next_rate        TEXT NOT NULL,
    fee              TEXT NOT NULL,
    vat              TEXT NOT NULL,
    PRIMARY KEY (account, side, prefix)
) STRICT;
