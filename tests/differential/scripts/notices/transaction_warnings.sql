COMMIT;
-- @query
ROLLBACK;
-- @query
BEGIN; BEGIN;
-- @query
COMMIT;
-- @query
SET LOCAL work_mem = '1MB';
-- @query
LOCK TABLE pg_am;
