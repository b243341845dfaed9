CREATE TABLE t (x int);
-- @query
INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 1 / 0; INSERT INTO t VALUES (3);
-- @query
SELECT count(*) FROM t;
-- @query
INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); SELECT 1 / 0;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
