CREATE TABLE t (a int, b text);
-- @query
COPY t FROM STDIN (FORMAT csv, HEADER, NULL 'none', QUOTE '''');
-- @copy
a,b
1,'quoted, comma'
2,none
3,'it''s'
-- @query
SELECT * FROM t ORDER BY a;
