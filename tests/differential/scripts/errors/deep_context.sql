CREATE FUNCTION inner_one(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1 / x; END $$;
CREATE FUNCTION outer_one(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN inner_one(x); END $$;
-- @query
SELECT outer_one(0);
-- @query
SELECT outer_one(1), outer_one(0);
-- @query
DO $$ BEGIN PERFORM outer_one(0); END $$;
