-- @startup TimeZone Asia/Tokyo
SHOW TimeZone;
-- @query
SELECT timestamptz '2024-01-01 00:00Z';
-- @query
SET TimeZone = 'UTC';
-- @query
SHOW TimeZone;
