BEGIN; SELECT lo_create(5001); SELECT lo_open(5001, 131072 + 262144);
-- @query
SELECT lowrite(0, 'hello world'); SELECT lo_lseek(0, 6, 0); SELECT loread(0, 5);
-- @query
SELECT lo_tell(0); SELECT lo_truncate(0, 3); SELECT lo_close(0); COMMIT;
-- @query
SELECT lo_get(5001);
-- @query
SELECT loread(0, 5);
