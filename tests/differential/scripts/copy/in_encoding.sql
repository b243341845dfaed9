CREATE TABLE t (a text);
-- @query
COPY t FROM STDIN (ENCODING 'LATIN1');
-- @copy
plain
-- @query
COPY t FROM STDIN;
-- @copy
größe
漢字
-- @query
SELECT a, length(a) FROM t;
