-- Limits; NULL = no bound.
ALTER TABLE accounts ADD COLUMN calls INTEGER;
ALTER TABLE accounts ADD COLUMN outgoing_calls INTEGER;
ALTER TABLE accounts ADD COLUMN incoming_calls INTEGER;
ALTER TABLE accounts ADD COLUMN calls_per_second INTEGER;
ALTER TABLE accounts ADD COLUMN max_call_seconds INTEGER;
ALTER TABLE trunks ADD COLUMN calls INTEGER;
ALTER TABLE trunks ADD COLUMN outgoing_calls INTEGER;
ALTER TABLE trunks ADD COLUMN incoming_calls INTEGER;
ALTER TABLE trunks ADD COLUMN calls_per_second INTEGER;
ALTER TABLE trunks ADD COLUMN max_call_seconds INTEGER;
