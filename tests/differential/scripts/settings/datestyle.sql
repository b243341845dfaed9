SET DateStyle = 'SQL, DMY';
-- @query
SELECT date '2024-02-29', timestamp '2024-02-29 01:02:03';
-- @query
SHOW DateStyle;
-- @query
SET datestyle TO iso;
-- @query
SHOW datestyle;
-- @query
SET DateStyle = 'Postgres';
-- @query
SELECT timestamp '2024-02-29 01:02:03';
-- @query
SET DateStyle = 'nonsense';
-- @query
RESET DateStyle;
-- @query
SHOW DateStyle;
