CREATE TABLE t (x int);
-- @query
INSERT INTO t SELECT generate_series(1, 100);
-- @query
SELECT x FROM t WHERE x < 0;
-- @query
UPDATE t SET x = x;
-- @query
DELETE FROM t;
-- @query
EXPLAIN (COSTS OFF) SELECT x FROM t;
-- @query
VALUES (1), (2);
-- @query
SHOW server_encoding;
-- @query
DO $$ BEGIN END $$;
-- @query
CALL no_such_procedure();
