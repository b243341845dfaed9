CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0));
-- @query
COPY t FROM STDIN;
-- @copy
1	1
1	2
-- @query
COPY t FROM STDIN;
-- @copy
2	-1
-- @query
SELECT count(*) FROM t;
