-- From where, and by what, phones and trunks may come: words with blanks between them.
ALTER TABLE devices ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN transports TEXT NOT NULL DEFAULT '';
ALTER TABLE trunks ADD COLUMN accepted_transports TEXT NOT NULL DEFAULT '';
