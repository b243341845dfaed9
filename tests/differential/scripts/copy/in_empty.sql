CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN;
-- @copy
-- @query
SELECT count(*) FROM t;
