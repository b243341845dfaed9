CREATE TABLE t (a int);
-- @query
COPY t FROM STDIN; COPY t FROM STDIN; SELECT 'unreached';
-- @copy
1
-- @copyfail no more
2
-- @query
SELECT count(*) FROM t;
