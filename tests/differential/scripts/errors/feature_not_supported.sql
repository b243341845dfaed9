SELECT * FROM pg_class FOR UPDATE OF nothing;
-- @query
CREATE TEMP TABLE t (x int) ON COMMIT NONSENSE;
-- @query
SELECT 1 LIMIT ALL OFFSET -1;
-- @query
CREATE TABLE t (x int GENERATED ALWAYS AS (random()) STORED);
-- @query
ALTER TABLE pg_am ADD COLUMN x int;
