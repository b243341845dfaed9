BEGIN; CREATE TEMP TABLE t (x int); ROLLBACK;
-- @query
SELECT * FROM t;
-- @query
BEGIN; CREATE TEMP TABLE t (x int);
-- @query
INSERT INTO t VALUES (3);
-- @query
COMMIT;
-- @query
SELECT * FROM t;
