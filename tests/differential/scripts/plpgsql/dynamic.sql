CREATE TABLE t (x int);
-- @query
DO $$ DECLARE n int; BEGIN EXECUTE 'INSERT INTO t SELECT generate_series(1, $1)' USING 7; GET DIAGNOSTICS n = ROW_COUNT; RAISE NOTICE '% rows', n; EXECUTE format('SELECT max(%I) FROM %I', 'x', 't') INTO n; RAISE NOTICE 'max %', n; END $$;
-- @query
DO $$ BEGIN EXECUTE 'SELEC'; END $$;
-- @query
DO $$ BEGIN EXECUTE NULL; END $$;
