CREATE FUNCTION loud(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'row %', x; RETURN x; END $$;
-- @query
COPY (SELECT loud(g) FROM generate_series(1, 3) AS g) TO STDOUT;
