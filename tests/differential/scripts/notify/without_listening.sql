NOTIFY nobody;
-- @query
NOTIFY nobody, 'with payload';
-- @query
SELECT pg_notify('nobody', NULL);
-- @query
NOTIFY;
