CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL UNIQUE, CHECK (id > 0));
-- @query
CREATE TABLE IF NOT EXISTS t (x int);
-- @query
CREATE TABLE t (x int);
-- @query
ALTER TABLE t ADD COLUMN w int DEFAULT 7;
-- @query
ALTER TABLE t DROP COLUMN v, ALTER COLUMN w TYPE bigint, RENAME COLUMN w TO z;
-- @query
ALTER TABLE t RENAME COLUMN w TO z;
-- @query
SELECT * FROM t;
-- @query
DROP TABLE t;
-- @query
DROP TABLE IF EXISTS t;
-- @query
DROP TABLE t;
