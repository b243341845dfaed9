CREATE TABLE t (x int); INSERT INTO t VALUES (1);
CREATE FUNCTION read_it() RETURNS SETOF t LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT * FROM t; END $$;
-- @query
SELECT * FROM read_it();
-- @query
ALTER TABLE t ADD y text DEFAULT 'new';
-- @query
SELECT * FROM read_it();
-- @query
DROP TABLE t;
-- @query
DROP TABLE t CASCADE;
-- @query
SELECT * FROM read_it();
