BEGIN;
-- @query
SELECT 1 / 0;
-- @query
SELECT 1;
-- @query
INSERT INTO nothing VALUES (1);
-- @query
COMMIT;
-- @query
SELECT 2;
