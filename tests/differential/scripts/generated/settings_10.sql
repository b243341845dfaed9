ROLLBACK;
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SET LOCAL TimeZone = 'Europe/Paris';
-- @query
SET work_mem = '3MB'; SET LOCAL TimeZone = 'Europe/Paris';
-- @query
BEGIN;
-- @query
RESET ALL;
-- @query
RESET ALL; DISCARD ALL;
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
RESET work_mem;
-- @query
SET work_mem = '3MB'; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German';
-- @query
COMMIT;
-- @query
SELECT 1 / 0; SET LOCAL TimeZone = 'Europe/Paris'; SET LOCAL TimeZone = 'Europe/Paris';
-- @query
SET application_name = 'gen'; RESET DateStyle;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
