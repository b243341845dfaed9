DO $$ DECLARE x int := 1; BEGIN x := x + 1; RAISE NOTICE 'x is %', x; END $$;
-- @query
DO LANGUAGE plpgsql 'BEGIN NULL; END';
-- @query
DO $$ BEGIN nonsense; END $$;
-- @query
DO $$ BEGIN END;
-- @query
DO LANGUAGE no_such_language 'x';
