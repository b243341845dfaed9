SHOW DateStyle;
-- @query
RESET DateStyle; RESET work_mem; SHOW DateStyle;
-- @query
SET application_name = 'gen';
-- @query
SHOW work_mem;
-- @query
SHOW application_name; SHOW application_name;
-- @query
DISCARD ALL;
-- @query
SET TimeZone = 'Asia/Tokyo';
-- @query
SHOW work_mem; BEGIN;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day';
-- @query
SET TimeZone = 'UTC'; SET TimeZone = 'Asia/Tokyo'; RESET work_mem;
-- @query
SET DateStyle = 'German'; SHOW work_mem;
-- @query
RESET DateStyle; SHOW application_name; ROLLBACK;
-- @query
ROLLBACK; SET work_mem = '3MB';
-- @query
SET application_name = 'gen';
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
