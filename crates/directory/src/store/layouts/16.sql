-- Whether media of phones and trunks are encrypted; NULL as for all.
ALTER TABLE devices ADD COLUMN encryption TEXT;
ALTER TABLE trunks ADD COLUMN encryption TEXT;
