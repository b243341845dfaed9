CREATE TABLE t (x int);
-- @query
SELECT 1;
-- @query
ROLLBACK TO s; COMMIT;
-- @query
SELECT 1; DECLARE c CURSOR FOR SELECT generate_series(1, 3); SELECT 1;
-- @query
RELEASE s;
-- @query
SELECT array_agg(x ORDER BY x) FROM t; RELEASE s; SHOW work_mem;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
RELEASE s;
-- @query
SET LOCAL work_mem = '1MB'; ROLLBACK TO s; COMMIT;
-- @query
SHOW work_mem;
-- @query
RELEASE s;
-- @query
; SELECT 1 / 0;
-- @query
ROLLBACK; INSERT INTO t VALUES (71); FETCH 2 FROM c; SHOW work_mem;
-- @query
SELECT 1; ;
-- @query
SELECT array_agg(x ORDER BY x) FROM t; FETCH 2 FROM c; RELEASE s; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
