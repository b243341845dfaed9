SELECT lo_create(4242);
-- @query
SELECT lo_from_bytea(4243, '\x0102030405');
-- @query
SELECT lo_get(4243), lo_get(4243, 1, 2);
-- @query
SELECT lo_put(4243, 2, '\xff'), lo_get(4243);
-- @query
SELECT lo_unlink(4242);
-- @query
SELECT lo_unlink(4242);
-- @query
SELECT lo_get(9999);
