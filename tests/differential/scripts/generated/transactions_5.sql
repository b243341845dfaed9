CREATE TABLE t (x int);
-- @query
SET LOCAL work_mem = '1MB'; SELECT array_agg(x ORDER BY x) FROM t; INSERT INTO t VALUES (23);
-- @query
COMMIT;
-- @query
SET LOCAL work_mem = '1MB'; SET LOCAL work_mem = '1MB'; FETCH 2 FROM c;
-- @query
BEGIN; FETCH 2 FROM c; ROLLBACK TO s; SELECT array_agg(x ORDER BY x) FROM t;
-- @query
SHOW work_mem; FETCH 2 FROM c;
-- @query
SELEC; SELECT array_agg(x ORDER BY x) FROM t; SET LOCAL work_mem = '1MB';
-- @query
COMMIT;
-- @query
ROLLBACK;
-- @query
DECLARE c CURSOR FOR SELECT generate_series(1, 3); COMMIT; SAVEPOINT s;
-- @query
SET LOCAL work_mem = '1MB'; SHOW work_mem; INSERT INTO t VALUES (31);
-- @query
INSERT INTO t VALUES (21);
-- @query
BEGIN; SAVEPOINT s; SET LOCAL work_mem = '1MB';
-- @query
SELECT 1 / 0; BEGIN; COMMIT; SELECT 1;
-- @query
SAVEPOINT s; SET LOCAL work_mem = '1MB'; SAVEPOINT s; COMMIT;
-- @query
ROLLBACK;
-- @query
SELECT array_agg(x ORDER BY x) FROM t;
