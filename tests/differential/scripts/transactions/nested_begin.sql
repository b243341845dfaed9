BEGIN;
-- @query
BEGIN;
-- @query
COMMIT;
-- @query
COMMIT;
-- @query
ROLLBACK AND CHAIN;
