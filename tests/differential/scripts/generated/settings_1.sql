SET TimeZone = 'UTC'; SET IntervalStyle = 'iso_8601'; SELECT 1 / 0;
-- @query
SET work_mem = '3MB';
-- @query
SET DateStyle = 'German'; SELECT 1 / 0;
-- @query
SHOW application_name;
-- @query
SHOW work_mem;
-- @query
DISCARD ALL;
-- @query
RESET work_mem;
-- @query
RESET DateStyle; COMMIT;
-- @query
SHOW DateStyle; SET LOCAL TimeZone = 'Europe/Paris'; SHOW DateStyle;
-- @query
SELECT 1 / 0;
-- @query
RESET work_mem;
-- @query
SET work_mem = '3MB';
-- @query
COMMIT; SHOW DateStyle; SET DateStyle = 'German';
-- @query
BEGIN;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
