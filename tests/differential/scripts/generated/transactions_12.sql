CREATE TABLE t (x int);
-- @query
; ROLLBACK TO s; SAVEPOINT s;
-- @query
SHOW work_mem;
-- @query
SELECT array_agg(x ORDER BY x) FROM t; ROLLBACK TO s; COMMIT; SELEC;
-- @query
SELEC;
-- @query
SELECT 1; BEGIN; SELECT 1; INSERT INTO t VALUES (82);
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
-- @query
SHOW work_mem; INSERT INTO t VALUES (41);
-- @query
SET LOCAL work_mem = '1MB'; SELECT 1 / 0;
-- @query
SET LOCAL work_mem = '1MB'; SELECT array_agg(x ORDER BY x) FROM t;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
SHOW work_mem; ; ;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3); DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
-- @query
SELECT 1; DECLARE c CURSOR FOR SELECT generate_series(1, 3); ROLLBACK;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
