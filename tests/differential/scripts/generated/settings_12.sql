SET TimeZone = 'UTC';
-- @query
SHOW DateStyle;
-- @query
SET work_mem = '3MB';
-- @query
SHOW work_mem;
-- @query
SHOW application_name;
-- @query
SHOW DateStyle; SET IntervalStyle = 'iso_8601'; SET application_name = 'gen';
-- @query
ROLLBACK;
-- @query
SET DateStyle = 'German'; SHOW DateStyle;
-- @query
SELECT 1 / 0;
-- @query
SET application_name = 'gen';
-- @query
SET application_name = 'gen';
-- @query
DISCARD ALL; DISCARD ALL; RESET DateStyle;
-- @query
RESET ALL;
-- @query
SET work_mem = '3MB'; SET TimeZone = 'Asia/Tokyo'; SET LOCAL TimeZone = 'Europe/Paris';
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
