SELECT set_config('TimeZone', 'Asia/Tokyo', false);
-- @query
SELECT timestamptz '2024-01-01 00:00Z';
-- @query
SELECT set_config('DateStyle', 'German', true);
-- @query
SELECT date '2024-01-01';
-- @query
SELECT set_config('application_name', 'by function', false);
-- @query
SHOW application_name;
