DO $$ BEGIN FOR i IN 1..500 LOOP RAISE NOTICE 'notice %', i; END LOOP; END $$;
-- @query
SELECT 'after';
