CREATE TABLE t (x int);
-- @query
ROLLBACK;
-- @query
SET LOCAL work_mem = '1MB'; SAVEPOINT s;
-- @query
INSERT INTO t VALUES (42); COMMIT;
-- @query
SET LOCAL work_mem = '1MB'; ; RELEASE s; SHOW work_mem;
-- @query
SELECT array_agg(x ORDER BY x) FROM t; BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 3); COMMIT;
-- @query
ROLLBACK; SHOW work_mem; RELEASE s;
-- @query
SHOW work_mem;
-- @query
COMMIT; SELEC; SAVEPOINT s;
-- @query
FETCH 2 FROM c;
-- @query
SELEC;
-- @query
SELECT 1;
-- @query
COMMIT;
-- @query
SELECT 1 / 0;
-- @query
SELECT 1;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
