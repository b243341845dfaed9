SELECT FROM generate_series(1, 5000);
-- @query
SELECT NULL, '' FROM generate_series(1, 3000);
