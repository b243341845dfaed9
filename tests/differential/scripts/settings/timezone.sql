SET TIME ZONE 'Europe/Berlin';
-- @query
SELECT timestamptz '2024-07-01 12:00Z';
-- @query
SET TIME ZONE INTERVAL '+05:30' HOUR TO MINUTE;
-- @query
SELECT timestamptz '2024-07-01 12:00Z'; SHOW TimeZone;
-- @query
SET TIME ZONE LOCAL;
-- @query
SHOW timezone;
-- @query
SET TIME ZONE 'Nowhere/Land';
-- @query
SET TIME ZONE -3;
-- @query
SHOW TIME ZONE;
