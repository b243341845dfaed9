CREATE TABLE t (x int);
-- @query
SHOW work_mem; SET LOCAL work_mem = '1MB';
-- @query
INSERT INTO t VALUES (10); FETCH 2 FROM c; SET LOCAL work_mem = '1MB';
-- @query
SAVEPOINT s;
-- @query
SELECT 1 / 0;
-- @query
RELEASE s;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
FETCH 2 FROM c;
-- @query
SAVEPOINT s; SELECT 1; ROLLBACK;
-- @query
SAVEPOINT s;
-- @query
SELECT 1; RELEASE s; INSERT INTO t VALUES (30); BEGIN;
-- @query
COMMIT;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
-- @query
INSERT INTO t VALUES (91); ROLLBACK; ; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
INSERT INTO t VALUES (81);
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
