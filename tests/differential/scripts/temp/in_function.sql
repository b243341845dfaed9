CREATE FUNCTION make_it() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TEMP TABLE t AS SELECT 9 AS x; END $$;
-- @query
SELECT make_it();
-- @query
SELECT * FROM t;
