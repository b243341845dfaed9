SET work_mem = '5MB'; SET TimeZone = 'Asia/Tokyo'; SET my.own = 'x';
-- @query
RESET ALL;
-- @query
SHOW work_mem; SHOW TimeZone;
-- @query
SHOW my.own;
