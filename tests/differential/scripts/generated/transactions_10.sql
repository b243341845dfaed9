CREATE TABLE t (x int);
-- @query
SET LOCAL work_mem = '1MB'; SAVEPOINT s; DECLARE c CURSOR FOR SELECT generate_series(1, 3); COMMIT;
-- @query
RELEASE s; SELECT 1 / 0; INSERT INTO t VALUES (32);
-- @query
SET LOCAL work_mem = '1MB'; INSERT INTO t VALUES (30); SAVEPOINT s; SET LOCAL work_mem = '1MB';
-- @query
SHOW work_mem; SHOW work_mem; ROLLBACK TO s; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
SHOW work_mem;
-- @query
RELEASE s;
-- @query
RELEASE s; SHOW work_mem; SAVEPOINT s; ;
-- @query
COMMIT; SHOW work_mem;
-- @query
SELECT 1 / 0; SELECT array_agg(x ORDER BY x) FROM t;
-- @query
INSERT INTO t VALUES (98);
-- @query
SET LOCAL work_mem = '1MB';
-- @query
RELEASE s; SELECT array_agg(x ORDER BY x) FROM t; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
COMMIT;
-- @query
ROLLBACK; SAVEPOINT s;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
