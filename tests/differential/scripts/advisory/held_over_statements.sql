SELECT pg_advisory_lock(7);
-- @query
SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
-- @query
BEGIN; SELECT 1; COMMIT;
-- @query
SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
-- @query
SELECT pg_advisory_unlock(7);
