CREATE TEMP TABLE t (x int);
-- @query
INSERT INTO t VALUES (1);
-- @query
SELECT * FROM t;
-- @query
DROP TABLE t;
-- @query
SELECT * FROM t;
