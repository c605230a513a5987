-- What the calls of a phone may cost, and where and when those of an account may go. Lists as words with blanks between
-- them; hours with semicolons.
ALTER TABLE devices ADD COLUMN spend_per_hour TEXT;
ALTER TABLE devices ADD COLUMN spend_per_day TEXT;
ALTER TABLE devices ADD COLUMN minutes_per_hour INTEGER;
ALTER TABLE devices ADD COLUMN minutes_per_day INTEGER;
ALTER TABLE accounts ADD COLUMN countries TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN blocked_countries TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN prefixes TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN blocked_prefixes TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN hours TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
