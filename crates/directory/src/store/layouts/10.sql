-- What the calls that an account sends may cost it.
ALTER TABLE accounts ADD COLUMN prepaid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN spend_per_hour TEXT;
ALTER TABLE accounts ADD COLUMN spend_per_day TEXT;
ALTER TABLE accounts ADD COLUMN minutes_per_hour INTEGER;
ALTER TABLE accounts ADD COLUMN minutes_per_day INTEGER;
