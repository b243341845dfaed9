SELECT interval '1 year 2 mons 3 days 04:05:06.789', interval '-1 day', justify_hours(interval '50 hours');
-- @query
SET IntervalStyle = 'iso_8601';
-- @query
SELECT interval '1 year 2 mons 3 days 04:05:06';
-- @query
SET IntervalStyle = 'sql_standard';
-- @query
SELECT interval '1 year 2 mons', interval '3 days 04:05:06';
-- @query
RESET IntervalStyle;
-- @query
SELECT interval '1 year';
