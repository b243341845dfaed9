PREPARE p AS SELECT 1 AS x;
-- @query
EXECUTE p;
-- @query
EXECUTE p;
-- @query
DEALLOCATE p;
-- @query
EXECUTE p;
-- @query
DEALLOCATE p;
