DO $$ DECLARE r record; BEGIN SELECT 1 AS a, 'x' AS b INTO r; RAISE NOTICE '% %', r.a, r.b; SELECT 1 INTO STRICT r WHERE false; END $$;
-- @query
DO $$ DECLARE x CONSTANT int := 1; BEGIN x := 2; END $$;
-- @query
DO $$ DECLARE x int NOT NULL := 1; BEGIN x := NULL; END $$;
-- @query
DO $$ #variable_conflict error
DECLARE relname text; BEGIN PERFORM relname FROM pg_class; END $$;
