SELECT repeat('x', 100000); SET TimeZone = 'Asia/Tokyo'; SELECT repeat('y', 100000); SET TimeZone = 'UTC';
-- @query
SHOW TimeZone;
