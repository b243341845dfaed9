CREATE SCHEMA side CREATE TABLE t (x int) CREATE VIEW v AS SELECT x FROM t;
-- @query
INSERT INTO side.t VALUES (1); SELECT * FROM side.v;
-- @query
CREATE SCHEMA side;
-- @query
ALTER SCHEMA side RENAME TO other;
-- @query
SELECT * FROM side.t;
-- @query
DROP SCHEMA other;
-- @query
DROP SCHEMA other CASCADE;
