SELECT '12:34:56'::time, '12:34:56.123456+02'::timetz, '24:00'::time, time '12:00' + interval '13 hours';
-- @query
SELECT '25:00'::time;
