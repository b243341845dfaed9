BEGIN; SELECT lo_from_bytea(7001, 'x'); ROLLBACK;
-- @query
SELECT lo_get(7001);
-- @query
SELECT count(*) FROM pg_largeobject_metadata;
