CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN;
-- @copy
1
two
3
-- @query
SELECT count(*) FROM t;
