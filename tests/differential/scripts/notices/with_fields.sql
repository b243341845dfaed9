DO $$ BEGIN RAISE NOTICE 'all fields' USING ERRCODE = '01234', DETAIL = 'detail', HINT = 'hint', COLUMN = 'c', TABLE = 't', SCHEMA = 's', CONSTRAINT = 'k', DATATYPE = 'd'; END $$;
-- @query
DO $$ BEGIN RAISE WARNING SQLSTATE '01000'; END $$;
