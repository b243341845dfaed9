SELECT '2024-02-29'::date, 'infinity'::date, '4713-01-01 BC'::date, date '2024-03-01' - date '2024-02-28';
-- @query
SET DateStyle = 'German, DMY';
-- @query
SELECT '2024-02-29'::date, '01.02.2024'::date;
-- @query
SELECT '2024-02-30'::date;
-- @query
RESET DateStyle;
-- @query
SELECT '2024-02-29'::date;
