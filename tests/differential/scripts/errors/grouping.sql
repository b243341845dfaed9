SELECT a, count(*) FROM (VALUES (1)) AS v(a);
-- @query
SELECT count(count(*)) FROM pg_am;
-- @query
SELECT 1 WHERE count(*) > 0;
-- @query
SELECT sum(x) OVER () FROM generate_series(1,2) AS x GROUP BY 1;
