SELECT repeat('x', 2000), 1 / (900 - g) FROM generate_series(1, 1000) AS g;
-- @query
SELECT 'after';
