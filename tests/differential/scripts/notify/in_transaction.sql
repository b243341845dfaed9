LISTEN mine;
-- @query
BEGIN; NOTIFY mine, 'one'; NOTIFY mine, 'two'; NOTIFY mine, 'one';
-- @query
SELECT 1;
-- @query
COMMIT;
-- @query
BEGIN; NOTIFY mine, 'never'; ROLLBACK;
-- @query
SELECT 2;
