DO $$ BEGIN RAISE NOTICE '%', repeat('big ', 50000); END $$;
-- @query
SELECT 'after';
