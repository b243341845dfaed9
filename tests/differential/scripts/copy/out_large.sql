COPY (SELECT g, repeat('x', 100) FROM generate_series(1, 3000) AS g) TO STDOUT;
-- @query
COPY (SELECT repeat('y', 200000)) TO STDOUT;
-- @query
SELECT 'after';
