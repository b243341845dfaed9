DO $$ BEGIN PERFORM pg_advisory_lock(11); END $$;
-- @query
SELECT pg_advisory_unlock(11);
-- @query
SELECT pg_advisory_unlock(11);
