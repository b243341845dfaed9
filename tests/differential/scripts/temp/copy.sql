CREATE TEMP TABLE t (x int);
-- @query
COPY t FROM STDIN;
-- @copy
1
2
-- @query
SELECT sum(x) FROM t;
-- @query
COPY t TO STDOUT;
