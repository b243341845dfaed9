CREATE TABLE t (a int, b text);
-- @query
COPY t FROM STDIN;
-- @copy
1	a
2	b
3	c
-- @query
COPY (SELECT * FROM t ORDER BY a DESC) TO STDOUT (FORMAT csv);
-- @query
COPY t TO STDOUT (FORMAT csv, FORCE_QUOTE *);
