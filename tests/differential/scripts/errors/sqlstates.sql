DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '08000', MESSAGE = 'connection exception'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '08P01', MESSAGE = 'protocol violation'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '26000', MESSAGE = 'no such statement'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001', MESSAGE = 'serialization failure'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53300', MESSAGE = 'too many connections'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57014', MESSAGE = 'query canceled'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57P01', MESSAGE = 'admin shutdown'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'internal'; END $$;
-- @query
DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = 'cached plan must not change result type'; END $$;
-- @query
SELECT 'still here';
