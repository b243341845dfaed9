BEGIN;
-- @query
-- @query
;
-- @query
SELECT 1 / 0;
-- @query
-- @query
;
-- @query
COMMIT;
