CREATE TABLE t (a int); BEGIN;
-- @query
COPY t FROM STDIN;
-- @copy
1
2
-- @query
SELECT count(*) FROM t;
-- @query
COPY t FROM STDIN;
-- @copy
x
-- @query
SELECT count(*) FROM t;
-- @query
ROLLBACK;
-- @query
SELECT count(*) FROM t;
