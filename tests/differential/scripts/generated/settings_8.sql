SHOW work_mem; RESET ALL; SET IntervalStyle = 'iso_8601';
-- @query
SELECT 1 / 0;
-- @query
RESET ALL;
-- @query
SHOW work_mem;
-- @query
ROLLBACK; SET TimeZone = 'Asia/Tokyo';
-- @query
SHOW DateStyle; SET DateStyle = 'German';
-- @query
BEGIN; RESET work_mem;
-- @query
SET TimeZone = 'UTC'; SET application_name = 'gen'; BEGIN;
-- @query
BEGIN;
-- @query
SHOW DateStyle;
-- @query
RESET ALL;
-- @query
SHOW application_name; BEGIN; SET IntervalStyle = 'iso_8601';
-- @query
SHOW application_name;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; RESET DateStyle; RESET ALL;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
