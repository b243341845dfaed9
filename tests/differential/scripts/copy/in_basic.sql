CREATE TABLE t (a int, b text);
-- @query
COPY t FROM STDIN;
-- @copy
1	one
2	\N
3	with\ttab
\.
-- @query
SELECT * FROM t ORDER BY a;
