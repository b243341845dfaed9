DO $$ BEGIN ASSERT 1 = 1, 'fine'; ASSERT 1 = 2, 'not fine'; END $$;
-- @query
SET plpgsql.check_asserts = off;
-- @query
DO $$ BEGIN ASSERT 1 = 2; RAISE NOTICE 'went on'; END $$;
-- @query
RESET plpgsql.check_asserts;
