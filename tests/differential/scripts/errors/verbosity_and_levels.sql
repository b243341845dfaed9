SET client_min_messages = error;
-- @query
DO $$ BEGIN RAISE WARNING 'unheard'; RAISE NOTICE 'unheard'; END $$;
-- @query
SET client_min_messages = debug5;
-- @query
RESET client_min_messages;
-- @query
SET client_min_messages = nonsense;
