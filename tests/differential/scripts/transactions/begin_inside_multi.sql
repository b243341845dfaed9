CREATE TABLE t (x int);
-- @query
INSERT INTO t VALUES (1); BEGIN; INSERT INTO t VALUES (2);
-- @query
ROLLBACK;
-- @query
SELECT count(*) FROM t;
-- @query
BEGIN; INSERT INTO t VALUES (3); COMMIT; INSERT INTO t VALUES (4); ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
