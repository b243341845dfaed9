DO $$ BEGIN SET work_mem = '222kB'; END $$;
-- @query
SHOW work_mem;
-- @query
DO $$ BEGIN SET LOCAL work_mem = '333kB'; END $$;
-- @query
SHOW work_mem;
-- @query
DO $$ BEGIN EXECUTE 'SET TimeZone = ''Asia/Tokyo'''; END $$;
-- @query
SHOW TimeZone;
