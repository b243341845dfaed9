SELECT 1 AS a, 2 AS a, 3 AS "A", 4 AS "", 5 AS "with ""quote""";
-- @query
SELECT 1 AS "";
-- @query
SELECT 1 AS "a column with a name of exactly sixty-three bytes, no more no less";
-- @query
SELECT 1 AS "a column with a name that is longer than what PostgreSQL keeps of a name, which is 63";
