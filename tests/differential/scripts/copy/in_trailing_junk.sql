CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN;
-- @copy
1
\.
2
-- @query
SELECT count(*) FROM t;
