WITH RECURSIVE f(n, a, b) AS (VALUES (1, 0::numeric, 1::numeric) UNION ALL SELECT n + 1, b, a + b FROM f WHERE n < 50) SELECT n, a FROM f WHERE n % 10 = 0;
-- @query
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t LIMIT 3;
