RESET DateStyle;
-- @query
SELECT 1 / 0;
-- @query
DISCARD ALL; SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day';
-- @query
SET TimeZone = 'UTC';
-- @query
SHOW application_name; RESET ALL;
-- @query
SELECT 1 / 0;
-- @query
SHOW work_mem;
-- @query
RESET DateStyle; SET IntervalStyle = 'iso_8601';
-- @query
ROLLBACK; SET DateStyle = 'German';
-- @query
SET TimeZone = 'UTC';
-- @query
DISCARD ALL;
-- @query
SHOW work_mem;
-- @query
SELECT 1 / 0;
-- @query
SELECT 1 / 0; RESET work_mem; DISCARD ALL;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
