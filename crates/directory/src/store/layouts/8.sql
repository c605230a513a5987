-- How a trunk and we tell each other who really calls.
ALTER TABLE trunks ADD COLUMN identity TEXT NOT NULL DEFAULT 'none';
