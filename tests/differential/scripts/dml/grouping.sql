SELECT x % 3 AS k, count(*), string_agg(x::text, ',' ORDER BY x) FROM generate_series(1, 10) AS x GROUP BY k HAVING count(*) > 3 ORDER BY k;
-- @query
SELECT a, b, sum(n) FROM (VALUES (1,1,1),(1,2,2),(2,1,4)) AS v(a,b,n) GROUP BY ROLLUP (a, b) ORDER BY a, b;
-- @query
SELECT a, sum(n) FILTER (WHERE n > 1), percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM (VALUES (1,1),(1,3),(2,5)) AS v(a,n) GROUP BY a ORDER BY a;
-- @query
SELECT x, count(*) FROM generate_series(1, 3) AS x;
