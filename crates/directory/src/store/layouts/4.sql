-- How we log in to a trunk, and how it is watched; NULL = not.
ALTER TABLE trunks ADD COLUMN auth_user TEXT;
ALTER TABLE trunks ADD COLUMN auth_realm TEXT;
ALTER TABLE trunks ADD COLUMN auth_ha1_md5 TEXT;
ALTER TABLE trunks ADD COLUMN auth_ha1_sha256 TEXT;
ALTER TABLE trunks ADD COLUMN register_seconds INTEGER;
ALTER TABLE trunks ADD COLUMN probe_seconds INTEGER DEFAULT 30;
