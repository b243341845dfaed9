CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, E'tab\tand\nline\\');
-- @query
COPY t TO STDOUT;
-- @query
COPY t (b, a) TO STDOUT (FORMAT csv, HEADER);
-- @query
COPY (SELECT a * 2 FROM t ORDER BY a) TO STDOUT (DELIMITER ',', NULL 'none');
