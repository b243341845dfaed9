RESET ALL; SET LOCAL TimeZone = 'Europe/Paris'; RESET ALL;
-- @query
ROLLBACK;
-- @query
RESET work_mem;
-- @query
RESET ALL; ROLLBACK;
-- @query
SET TimeZone = 'Asia/Tokyo'; SET LOCAL TimeZone = 'Europe/Paris'; SET application_name = 'gen';
-- @query
RESET ALL;
-- @query
SET IntervalStyle = 'iso_8601'; SHOW application_name; SHOW DateStyle;
-- @query
SELECT 1 / 0;
-- @query
SET application_name = 'gen'; SET LOCAL TimeZone = 'Europe/Paris'; SET application_name = 'gen';
-- @query
SET work_mem = '3MB'; ROLLBACK; SET LOCAL TimeZone = 'Europe/Paris';
-- @query
BEGIN; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC';
-- @query
SET IntervalStyle = 'iso_8601'; SET work_mem = '3MB'; SHOW DateStyle;
-- @query
ROLLBACK;
-- @query
SET DateStyle = 'German';
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
