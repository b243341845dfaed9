CREATE TABLE t (x int);
-- @query
BEGIN;
-- @query
INSERT INTO t VALUES (1);
-- @query
SAVEPOINT a;
-- @query
INSERT INTO t VALUES (2);
-- @query
ROLLBACK TO SAVEPOINT a;
-- @query
INSERT INTO t VALUES (3);
-- @query
RELEASE a;
-- @query
COMMIT;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
