CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent);
-- @query
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 3);
-- @query
SELECT * FROM parent ORDER BY a; SELECT * FROM ONLY parent;
-- @query
DROP TABLE parent;
