CREATE TABLE t (x int);
-- @query
SELECT 1;
-- @query
INSERT INTO t VALUES (22);
-- @query
COMMIT;
-- @query
SET LOCAL work_mem = '1MB';
-- @query
COMMIT; SHOW work_mem; SET LOCAL work_mem = '1MB';
-- @query
SAVEPOINT s;
-- @query
SHOW work_mem;
-- @query
SELEC;
-- @query
SET LOCAL work_mem = '1MB'; COMMIT; SHOW work_mem;
-- @query
SELECT 1; BEGIN; SHOW work_mem; FETCH 2 FROM c;
-- @query
RELEASE s;
-- @query
RELEASE s;
-- @query
ROLLBACK TO s;
-- @query
ROLLBACK;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
