CREATE TABLE t (x int);
-- @query
SELECT array_agg(x ORDER BY x) FROM t; FETCH 2 FROM c; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
SELECT 1 / 0; INSERT INTO t VALUES (9);
-- @query
SET LOCAL work_mem = '1MB';
-- @query
SELEC;
-- @query
SELECT array_agg(x ORDER BY x) FROM t; RELEASE s;
-- @query
SHOW work_mem;
-- @query
COMMIT;
-- @query
SHOW work_mem;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3); SET LOCAL work_mem = '1MB'; ROLLBACK; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
SELEC; COMMIT; INSERT INTO t VALUES (1);
-- @query
SELEC; SELECT 1; ROLLBACK; BEGIN;
-- @query
SELECT 1 / 0; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
