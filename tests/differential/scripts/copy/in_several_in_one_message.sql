CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN; SELECT count(*) FROM t; COPY t FROM STDIN; SELECT count(*) FROM t;
-- @copy
1
-- @copy
2
3
-- @query
COPY t FROM STDIN; SELECT 1 / 0; COPY t FROM STDIN;
-- @copy
4
-- @query
SELECT count(*) FROM t;
