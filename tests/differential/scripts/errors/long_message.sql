DO $$ BEGIN RAISE EXCEPTION '%', repeat('long message ', 2000); END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION '%', repeat('x', 100000) USING DETAIL = repeat('d', 100000); END $$;
-- @query
SELECT 'after';
