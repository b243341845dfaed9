SELECT 'unknown', pg_typeof('unknown'), pg_typeof(1), pg_typeof(1.0), pg_typeof(NULL);
-- @query
SELECT 'a' UNION SELECT 'b' ORDER BY 1;
