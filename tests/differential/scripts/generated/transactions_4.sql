CREATE TABLE t (x int);
-- @query
SELECT 1; SELEC; SELEC; INSERT INTO t VALUES (15);
-- @query
SELEC; ROLLBACK TO s; SELECT array_agg(x ORDER BY x) FROM t; RELEASE s;
-- @query
SELEC;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
-- @query
BEGIN; SELECT 1;
-- @query
RELEASE s; COMMIT; SHOW work_mem;
-- @query
COMMIT;
-- @query
COMMIT;
-- @query
BEGIN; SELECT 1 / 0;
-- @query
RELEASE s;
-- @query
RELEASE s;
-- @query
SET LOCAL work_mem = '1MB'; ; INSERT INTO t VALUES (98);
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
-- @query
SELECT 1 / 0;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
