CREATE TABLE t (x int); INSERT INTO t SELECT generate_series(1, 10);
-- @query
ANALYZE t;
-- @query
VACUUM t;
-- @query
BEGIN; VACUUM t;
-- @query
ROLLBACK;
-- @query
CLUSTER t;
-- @query
CHECKPOINT;
-- @query
VACUUM no_such_table;
