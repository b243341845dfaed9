SELECT 1 / 0;
-- @query
SELECT 1 % 0;
-- @query
SELECT 1.0 / 0;
-- @query
SELECT 1::float8 / 0;
