SELECT;
-- @query
SELECT FROM generate_series(1, 3);
-- @query
CREATE TABLE t ();
-- @query
INSERT INTO t DEFAULT VALUES;
-- @query
SELECT * FROM t;
