SET work_mem = '5MB'; SET TimeZone = 'Asia/Tokyo';
-- @query
PREPARE p AS SELECT 1;
-- @query
DISCARD ALL;
-- @query
SHOW work_mem; SHOW TimeZone;
-- @query
EXECUTE p;
-- @query
BEGIN; DISCARD ALL;
-- @query
ROLLBACK;
-- @query
SELECT 1; DISCARD ALL;
