BEGIN; SELECT pg_advisory_xact_lock(3);
-- @query
SELECT pg_try_advisory_xact_lock(3), pg_try_advisory_xact_lock_shared(4);
-- @query
COMMIT;
-- @query
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory';
-- @query
SELECT pg_advisory_unlock(3);
