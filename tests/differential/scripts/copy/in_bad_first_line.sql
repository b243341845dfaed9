CREATE TABLE t (a int, b int);
-- @query
COPY t FROM STDIN;
-- @copy
1
1	2
-- @query
COPY t FROM STDIN;
-- @copy
1	2	3
-- @query
SELECT 'after';
