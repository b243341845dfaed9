CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN;
-- @copyfail changed my mind
1
2
-- @query
SELECT count(*) FROM t;
-- @query
COPY t FROM STDIN;
-- @copyfail
-- @query
SELECT count(*) FROM t;
