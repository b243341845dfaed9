BEGIN;
-- @query
ROLLBACK TO nothing;
-- @query
RELEASE nothing;
-- @query
ROLLBACK;
-- @query
SAVEPOINT s;
-- @query
RELEASE s;
-- @query
ROLLBACK TO s;
