CREATE TABLE t (x int);
-- @query
BEGIN;
-- @query
INSERT INTO t VALUES (1);
-- @query
ROLLBACK;
-- @query
SELECT count(*) FROM t;
-- @query
ROLLBACK;
-- @query
ABORT;
