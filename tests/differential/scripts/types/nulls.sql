SELECT NULL, NULL::int, NULL = NULL, NULL IS NOT DISTINCT FROM NULL, coalesce(NULL, 1), nullif(1, 1), num_nulls(1, NULL);
-- @query
SELECT count(*), count(x), sum(x), avg(x) FROM (VALUES (1), (NULL), (3)) AS v(x);
