-- Money: rate plans that accounts use, in place of rates of their own. Intervals in seconds, instants in
-- microseconds since 1970, amounts as decimal text.
CREATE TABLE rateplans (
    uuid TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE rateplan_rates (
    uuid              TEXT PRIMARY KEY,
    rateplan          TEXT NOT NULL REFERENCES rateplans,
    prefix            TEXT NOT NULL,
    initial_interval  INTEGER NOT NULL,
    initial_rate      TEXT NOT NULL,
    next_interval     INTEGER NOT NULL,
    next_rate         TEXT NOT NULL,
    connect_fee       TEXT NOT NULL,
    attempt_fee       TEXT NOT NULL,
    number_min_length INTEGER NOT NULL,
    number_max_length INTEGER NOT NULL,
    enabled           INTEGER NOT NULL,
    reject_calls      INTEGER NOT NULL,
    valid_from        INTEGER,
    valid_till        INTEGER
) STRICT;

CREATE TABLE rate_tags (
    rate TEXT NOT NULL REFERENCES rateplan_rates,
    tag  TEXT NOT NULL,
    PRIMARY KEY (rate, tag)
) STRICT;

ALTER TABLE accounts ADD COLUMN currency TEXT NOT NULL DEFAULT 'USD';
ALTER TABLE accounts ADD COLUMN starting_balance TEXT NOT NULL DEFAULT '0';
ALTER TABLE accounts ADD COLUMN min_balance TEXT NOT NULL DEFAULT '0';
ALTER TABLE accounts ADD COLUMN max_balance TEXT NOT NULL DEFAULT '0';
ALTER TABLE accounts ADD COLUMN max_rate TEXT;
ALTER TABLE accounts ADD COLUMN vat TEXT NOT NULL DEFAULT '0';
ALTER TABLE accounts ADD COLUMN origination_rateplan TEXT REFERENCES rateplans;
ALTER TABLE accounts ADD COLUMN termination_rateplan TEXT REFERENCES rateplans;

CREATE TABLE account_tags (
    account INTEGER NOT NULL REFERENCES accounts,
    tag     TEXT NOT NULL,
    PRIMARY KEY (account, tag)
) STRICT;

CREATE TABLE profiles (
    id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE profile_denials (
    profile    INTEGER NOT NULL REFERENCES profiles,
    permission TEXT NOT NULL,
    PRIMARY KEY (profile, permission)
) STRICT;

-- 1 is there even if no row says so.
ALTER TABLE users ADD COLUMN profile INTEGER NOT NULL DEFAULT 1;

-- What each side of each account had becomes a plan. VAT is the account's now: the highest that it had.
INSERT INTO rateplans
SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8'
             || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
       'account ' || account || ' ' || side
FROM (SELECT DISTINCT account, side FROM rates);

INSERT INTO rateplan_rates
SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8'
             || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
       rateplans.uuid, prefix, initial_interval, initial_rate, next_interval, next_rate, fee, '0', 0, 100, 1, 0,
       NULL, NULL
FROM rates JOIN rateplans ON rateplans.name = 'account ' || account || ' ' || side;

UPDATE accounts SET
    vat = coalesce((SELECT vat FROM rates WHERE account = accounts.id AND side = 'origination'
                    ORDER BY CAST(vat AS REAL) DESC LIMIT 1), '0'),
    origination_rateplan = (SELECT uuid FROM rateplans WHERE name = 'account ' || accounts.id || ' origination'),
    termination_rateplan = (SELECT uuid FROM rateplans WHERE name = 'account ' || accounts.id || ' termination');

DROP TABLE rates;
