SELECT pg_advisory_lock(g) FROM generate_series(1, 20) AS g;
-- @query
SELECT pg_advisory_unlock_all();
-- @query
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory';
