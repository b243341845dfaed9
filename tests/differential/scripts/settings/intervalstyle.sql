SET IntervalStyle = postgres_verbose;
-- @query
SELECT interval '1 day 02:03:04';
-- @query
SHOW IntervalStyle;
-- @query
SET IntervalStyle = iso_8601;
-- @query
SELECT interval '1 day 02:03:04';
-- @query
RESET IntervalStyle;
-- @query
SELECT interval '1 day 02:03:04';
