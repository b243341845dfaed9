CREATE TABLE t (id serial, v int); INSERT INTO t (v) VALUES (1), (2);
-- @query
TRUNCATE t;
-- @query
INSERT INTO t (v) VALUES (3) RETURNING id;
-- @query
TRUNCATE t RESTART IDENTITY;
-- @query
INSERT INTO t (v) VALUES (4) RETURNING id;
