SET TimeZone = 'Asia/Tokyo';
-- @query
BEGIN; SET TimeZone = 'Europe/Paris'; SELECT 1 / 0;
-- @query
ROLLBACK;
-- @query
SHOW TimeZone;
-- @query
SET DateStyle = 'German'; SELECT 1 / 0;
-- @query
SHOW DateStyle;
