RESET DateStyle; BEGIN; RESET DateStyle;
-- @query
ROLLBACK;
-- @query
RESET ALL;
-- @query
SHOW work_mem;
-- @query
SELECT 1 / 0;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SET IntervalStyle = 'iso_8601'; SHOW application_name;
-- @query
SHOW work_mem; RESET ALL;
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SHOW work_mem; RESET DateStyle; SHOW work_mem;
-- @query
SET DateStyle = 'German';
-- @query
COMMIT;
-- @query
SHOW work_mem;
-- @query
SHOW application_name;
-- @query
SHOW DateStyle; SET application_name = 'gen'; RESET DateStyle;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
