BEGIN; CREATE TABLE t (x int); INSERT INTO t VALUES (1); ALTER TABLE t ADD y int; SELECT * FROM t; ROLLBACK;
-- @query
SELECT * FROM t;
-- @query
BEGIN;
-- @query
CREATE TABLE t (x int);
-- @query
COMMIT;
-- @query
SELECT * FROM t;
-- @query
BEGIN; CREATE INDEX CONCURRENTLY i ON t (x); COMMIT;
-- @query
ROLLBACK;
