BEGIN; SAVEPOINT s;
-- @query
SELECT 1 / 0;
-- @query
SELECT 1;
-- @query
ROLLBACK TO s;
-- @query
SELECT 1;
-- @query
COMMIT;
