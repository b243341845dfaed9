BEGIN; SET work_mem = '7MB'; SHOW work_mem;
-- @query
ROLLBACK;
-- @query
SHOW work_mem;
-- @query
BEGIN; SET TimeZone = 'Asia/Tokyo'; SHOW TimeZone;
-- @query
ROLLBACK;
-- @query
SHOW TimeZone;
