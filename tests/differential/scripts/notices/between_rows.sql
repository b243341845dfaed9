CREATE FUNCTION loud(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'row %', x; RETURN x; END $$;
-- @query
SELECT loud(x) FROM generate_series(1, 5) AS x;
-- @query
SELECT loud(1); SELECT loud(2);
-- @query
BEGIN; SELECT loud(3);
-- @query
SELECT loud(4); COMMIT;
