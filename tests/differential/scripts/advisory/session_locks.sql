SELECT pg_try_advisory_lock(1);
-- @query
SELECT pg_advisory_unlock(1);
-- @query
SELECT pg_advisory_unlock(1);
-- @query
SELECT pg_advisory_lock(2), pg_advisory_lock(2);
-- @query
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
-- @query
SELECT pg_advisory_unlock(2), pg_advisory_unlock(2), pg_advisory_unlock(2);
