SET TimeZone = 'Asia/Tokyo';
-- @query
SET work_mem = '3MB';
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
DISCARD ALL;
-- @query
SET TimeZone = 'Asia/Tokyo';
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
RESET DateStyle; SET TimeZone = 'UTC'; RESET DateStyle;
-- @query
SHOW application_name;
-- @query
SET TimeZone = 'UTC';
-- @query
SET LOCAL TimeZone = 'Europe/Paris'; SHOW application_name; RESET ALL;
-- @query
COMMIT;
-- @query
ROLLBACK;
-- @query
SET work_mem = '3MB'; RESET DateStyle; RESET DateStyle;
-- @query
SET DateStyle = 'German';
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
