SELECT '2024-02-29 12:34:56.789'::timestamp, '2024-02-29 12:34:56+02'::timestamptz, 'epoch'::timestamptz;
-- @query
SET TimeZone = 'America/New_York';
-- @query
SELECT '2024-07-01 12:00:00Z'::timestamptz, '2024-01-01 12:00:00Z'::timestamptz AT TIME ZONE 'Asia/Tokyo';
-- @query
SELECT date_trunc('hour', timestamp '2024-02-29 12:34:56'), extract(dow from date '2024-02-29');
