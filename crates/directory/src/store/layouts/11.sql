-- How long the calls and recordings of a customer are kept, in days.
ALTER TABLE customers ADD COLUMN keep_days INTEGER;
ALTER TABLE customers ADD COLUMN keep_recordings_days INTEGER;
