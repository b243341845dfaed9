DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('PREPARE many_%s AS SELECT %s', i, i); END LOOP; END $$;
-- @query
EXECUTE many_1; EXECUTE many_100;
-- @query
SELECT count(*) FROM pg_prepared_statements;
-- @query
DEALLOCATE ALL;
-- @query
SELECT count(*) FROM pg_prepared_statements;
