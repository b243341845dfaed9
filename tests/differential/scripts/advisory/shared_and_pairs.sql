SELECT pg_advisory_lock_shared(5), pg_try_advisory_lock_shared(5), pg_try_advisory_lock(1, 2);
-- @query
SELECT pg_advisory_unlock_shared(5), pg_advisory_unlock_shared(5), pg_advisory_unlock(1, 2);
-- @query
SELECT pg_advisory_unlock_shared(5);
