CREATE TABLE t (x int);
-- @query
BEGIN; DECLARE c CURSOR FOR SELECT * FROM t; DROP TABLE t;
-- @query
ROLLBACK;
-- @query
DROP ROLE clerk;
-- @query
DROP ROLE app;
