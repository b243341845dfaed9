SELECT 1 AS a, 'x' AS b INTO made;
-- @query
CREATE TABLE also AS SELECT * FROM made;
-- @query
CREATE TABLE empty AS SELECT * FROM made WITH NO DATA;
-- @query
SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM also), (SELECT count(*) FROM empty);
