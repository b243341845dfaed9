BEGIN; PREPARE p AS SELECT 'survives'; ROLLBACK;
-- @query
EXECUTE p;
-- @query
BEGIN; SELECT 1 / 0;
-- @query
EXECUTE p;
-- @query
ROLLBACK; DEALLOCATE p;
