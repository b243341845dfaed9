-- @startup TimeZone Asia/Tokyo
-- @startup DateStyle German
SHOW TimeZone;
-- @query
SET TimeZone = 'UTC';
-- @query
RESET TimeZone;
-- @query
SHOW TimeZone;
-- @query
RESET ALL;
-- @query
SHOW DateStyle;
