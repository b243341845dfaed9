SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'; SET IntervalStyle = 'sql_standard'; SET application_name = 'four';
-- @query
SELECT date '2024-02-29', timestamptz '2024-01-01 00:00Z', interval '1 year', current_setting('application_name');
-- @query
BEGIN; SET TimeZone = 'UTC'; COMMIT;
-- @query
SHOW TimeZone;
-- @query
RESET ALL;
-- @query
SELECT date '2024-02-29', timestamptz '2024-01-01 00:00Z', interval '1 year', current_setting('application_name');
