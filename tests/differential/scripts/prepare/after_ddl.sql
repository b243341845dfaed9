CREATE TABLE t (x int); INSERT INTO t VALUES (1);
-- @query
PREPARE p AS SELECT * FROM t;
-- @query
EXECUTE p;
-- @query
ALTER TABLE t ADD y int DEFAULT 2;
-- @query
EXECUTE p;
-- @query
DROP TABLE t;
-- @query
EXECUTE p;
