COPY no_such_table FROM STDIN;
-- @query
CREATE TABLE t (a int);
-- @query
COPY t (nothing) FROM STDIN;
-- @query
COPY t FROM STDIN (FORMAT nonsense);
-- @query
COPY t FROM STDIN (DELIMITER 'ab');
-- @query
COPY t FROM '/tmp/nothing';
