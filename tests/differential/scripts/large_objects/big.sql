SELECT lo_from_bytea(6001, decode(repeat('ab', 100000), 'hex'));
-- @query
SELECT length(lo_get(6001)), md5(lo_get(6001));
-- @query
SELECT lo_get(6001, 50000, 20000);
-- @query
ALTER LARGE OBJECT 6001 OWNER TO clerk; COMMENT ON LARGE OBJECT 6001 IS 'x';
-- @query
SELECT lo_unlink(6001);
