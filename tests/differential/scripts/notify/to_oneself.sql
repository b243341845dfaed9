LISTEN mine;
-- @query
NOTIFY mine;
-- @query
NOTIFY mine, 'payload';
-- @query
SELECT 1;
-- @query
UNLISTEN mine;
-- @query
NOTIFY mine;
