SELECT 1 / 0;
-- @query
ROLLBACK; RESET DateStyle;
-- @query
SET application_name = 'gen'; SET TimeZone = 'UTC';
-- @query
SELECT 1 / 0;
-- @query
SET LOCAL TimeZone = 'Europe/Paris'; SET TimeZone = 'Asia/Tokyo';
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SET IntervalStyle = 'iso_8601';
-- @query
RESET DateStyle; SET LOCAL TimeZone = 'Europe/Paris';
-- @query
SET TimeZone = 'UTC'; SHOW DateStyle; COMMIT;
-- @query
BEGIN; SET work_mem = '3MB';
-- @query
SHOW application_name;
-- @query
COMMIT; ROLLBACK;
-- @query
SHOW DateStyle;
-- @query
SET TimeZone = 'Asia/Tokyo'; SHOW DateStyle; SHOW application_name;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
