BEGIN;
-- @query
SELECT 1;
-- @query
COMMIT;
-- @query
START TRANSACTION;
-- @query
END;
-- @query
BEGIN WORK; COMMIT WORK;
-- @query
COMMIT AND CHAIN;
-- @query
ROLLBACK;
