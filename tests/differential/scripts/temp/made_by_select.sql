SELECT 1 AS a INTO TEMP made;
-- @query
SELECT * FROM made;
-- @query
CREATE TEMP TABLE also AS SELECT a + 1 AS b FROM made;
-- @query
SELECT * FROM also;
