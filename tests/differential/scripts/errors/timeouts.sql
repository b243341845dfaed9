BEGIN; SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(100);
-- @query
SELECT 'failed';
-- @query
ROLLBACK;
-- @query
SELECT 'still here';
