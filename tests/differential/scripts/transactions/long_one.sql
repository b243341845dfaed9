CREATE TABLE t (x int);
-- @query
BEGIN;
-- @query
INSERT INTO t SELECT generate_series(1, 1000);
-- @query
UPDATE t SET x = x + 1;
-- @query
DELETE FROM t WHERE x > 500;
-- @query
SELECT count(*), sum(x) FROM t;
-- @query
COMMIT;
-- @query
SELECT count(*), sum(x) FROM t;
