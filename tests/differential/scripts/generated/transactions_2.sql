CREATE TABLE t (x int);
-- @query
SELECT 1; FETCH 2 FROM c;
-- @query
COMMIT;
-- @query
FETCH 2 FROM c;
-- @query
COMMIT;
-- @query
RELEASE s;
-- @query
SELECT 1 / 0;
-- @query
COMMIT; FETCH 2 FROM c; DECLARE c CURSOR FOR SELECT generate_series(1, 3);
-- @query
ROLLBACK;
-- @query
BEGIN;
-- @query
; SHOW work_mem; FETCH 2 FROM c; ROLLBACK TO s;
-- @query
SET LOCAL work_mem = '1MB'; SELECT array_agg(x ORDER BY x) FROM t; ROLLBACK TO s;
-- @query
COMMIT;
-- @query
FETCH 2 FROM c;
-- @query
SAVEPOINT s;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
