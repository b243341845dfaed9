CREATE TABLE t (v varchar(3), c char(2));
-- @query
INSERT INTO t VALUES ('abcd', 'x');
-- @query
INSERT INTO t VALUES ('abc ', 'xyz');
-- @query
INSERT INTO t VALUES ('abc  ', 'xy   ');
-- @query
SELECT '[' || v || ']' FROM t;
