SELECT 10 / (5 - x) FROM generate_series(1, 10) AS x;
-- @query
SELECT 1;
-- @query
SELECT repeat('x', 1000), 10 / (500 - x) FROM generate_series(1, 1000) AS x;
-- @query
SELECT 2;
