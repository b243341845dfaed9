CREATE TABLE t (x int);
-- @query
BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'one';
-- @query
SELECT count(*) FROM t;
-- @query
COMMIT PREPARED 'one';
-- @query
SELECT count(*) FROM t;
-- @query
ROLLBACK PREPARED 'one';
-- @query
BEGIN; SELECT 1 / 0;
-- @query
PREPARE TRANSACTION 'two';
