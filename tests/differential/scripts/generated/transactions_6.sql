CREATE TABLE t (x int);
-- @query
ROLLBACK TO s;
-- @query
SAVEPOINT s;
-- @query
ROLLBACK TO s; SELECT 1; SELECT 1;
-- @query
INSERT INTO t VALUES (14); ROLLBACK; SET LOCAL work_mem = '1MB'; ROLLBACK TO s;
-- @query
SELECT 1; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
SELECT array_agg(x ORDER BY x) FROM t; SELEC; SET LOCAL work_mem = '1MB';
-- @query
SELECT 1 / 0;
-- @query
; ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t; SHOW work_mem; RELEASE s;
-- @query
SELEC; ROLLBACK TO s; SELEC; COMMIT;
-- @query
SHOW work_mem;
-- @query
SET LOCAL work_mem = '1MB';
-- @query
SELECT 1; SELECT array_agg(x ORDER BY x) FROM t; BEGIN; ROLLBACK;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
