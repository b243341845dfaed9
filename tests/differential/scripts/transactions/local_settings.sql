BEGIN; SET LOCAL work_mem = '1MB'; SHOW work_mem;
-- @query
SAVEPOINT s; SET LOCAL work_mem = '2MB'; ROLLBACK TO s; SHOW work_mem;
-- @query
COMMIT;
-- @query
SHOW work_mem;
-- @query
SET LOCAL work_mem = '3MB';
-- @query
SHOW work_mem;
