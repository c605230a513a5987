-- What users and applications are let near: words with blanks between them; empty for everything.
ALTER TABLE users ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
-- Bounds of a phone's calls.
ALTER TABLE devices ADD COLUMN calls INTEGER;
ALTER TABLE devices ADD COLUMN outgoing_calls INTEGER;
ALTER TABLE devices ADD COLUMN incoming_calls INTEGER;
ALTER TABLE devices ADD COLUMN calls_per_second INTEGER;
ALTER TABLE devices ADD COLUMN max_call_seconds INTEGER;
