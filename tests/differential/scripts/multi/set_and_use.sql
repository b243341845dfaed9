SET work_mem = '3MB'; SHOW work_mem; RESET work_mem; SHOW work_mem;
-- @query
SET TimeZone = 'Asia/Tokyo'; SELECT timestamptz '2024-01-01 00:00Z'; SET TimeZone = 'UTC';
-- @query
SHOW TimeZone;
