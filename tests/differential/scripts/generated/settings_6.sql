SET application_name = 'gen';
-- @query
SET TimeZone = 'Asia/Tokyo'; SHOW application_name;
-- @query
SET TimeZone = 'Asia/Tokyo';
-- @query
SET LOCAL TimeZone = 'Europe/Paris';
-- @query
DISCARD ALL; SET DateStyle = 'German';
-- @query
SET application_name = 'gen'; SELECT 1 / 0;
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SET LOCAL TimeZone = 'Europe/Paris';
-- @query
SET TimeZone = 'Asia/Tokyo';
-- @query
SELECT 1 / 0; COMMIT;
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SET TimeZone = 'UTC';
-- @query
SET DateStyle = 'German'; RESET ALL;
-- @query
DISCARD ALL; RESET ALL;
-- @query
ROLLBACK;
-- @query
SELECT timestamptz '2024-05-06 07:08:09Z', interval '1 day'; SHOW work_mem; SHOW application_name; SHOW DateStyle;
