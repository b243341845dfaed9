DO $$ BEGIN RAISE DEBUG 'd'; RAISE LOG 'l'; RAISE INFO 'i'; RAISE NOTICE 'n'; RAISE WARNING 'w'; END $$;
-- @query
SET client_min_messages = log;
-- @query
DO $$ BEGIN RAISE DEBUG 'd'; RAISE LOG 'l'; RAISE INFO 'i'; RAISE NOTICE 'n'; RAISE WARNING 'w'; END $$;
-- @query
SET client_min_messages = warning;
-- @query
DO $$ BEGIN RAISE INFO 'i'; RAISE NOTICE 'n'; RAISE WARNING 'w'; END $$;
