BEGIN; SET LOCAL TimeZone = 'Asia/Tokyo'; SHOW TimeZone;
-- @query
SELECT timestamptz '2024-01-01 00:00Z';
-- @query
COMMIT;
-- @query
SHOW TimeZone;
