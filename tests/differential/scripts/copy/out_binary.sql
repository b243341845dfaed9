COPY (SELECT 1::int, 'x'::text, NULL::int, 1.5::float8, true) TO STDOUT (FORMAT binary);
-- @query
COPY (SELECT g FROM generate_series(1, 50) AS g) TO STDOUT WITH BINARY;
