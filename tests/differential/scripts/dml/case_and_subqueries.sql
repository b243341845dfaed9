SELECT CASE WHEN x < 2 THEN 'small' WHEN x IS NULL THEN 'none' ELSE 'big' END FROM (VALUES (1), (3), (NULL)) AS v(x);
-- @query
SELECT (SELECT 1 UNION ALL SELECT 2);
-- @query
SELECT 1 IN (SELECT 1), 3 > ALL (VALUES (1), (2)), ARRAY(SELECT generate_series(1, 3));
