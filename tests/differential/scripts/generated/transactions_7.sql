CREATE TABLE t (x int);
-- @query
COMMIT;
-- @query
SHOW work_mem; FETCH 2 FROM c;
-- @query
SELEC;
-- @query
;
-- @query
SHOW work_mem; SELECT 1;
-- @query
INSERT INTO t VALUES (31); SELECT 1 / 0;
-- @query
FETCH 2 FROM c;
-- @query
FETCH 2 FROM c; SELECT 1; SAVEPOINT s;
-- @query
SAVEPOINT s; BEGIN; FETCH 2 FROM c;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
-- @query
COMMIT; SELEC; RELEASE s;
-- @query
SET LOCAL work_mem = '1MB'; INSERT INTO t VALUES (46);
-- @query
RELEASE s;
-- @query
COMMIT;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
