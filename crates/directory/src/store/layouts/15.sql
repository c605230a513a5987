-- How phones ring: rules of an account or of a device, those that are asked first first.
CREATE TABLE ring_rules (
    account INTEGER REFERENCES accounts (id),
    device INTEGER REFERENCES devices (id),
    source TEXT,
    callers TEXT NOT NULL,
    dialed TEXT NOT NULL,
    alert_info TEXT,
    call_info TEXT,
    CHECK ((account IS NULL) <> (device IS NULL))
) STRICT;
