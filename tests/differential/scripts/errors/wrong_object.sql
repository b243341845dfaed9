CREATE VIEW v AS SELECT 1; CREATE SEQUENCE s;
-- @query
DROP TABLE v;
-- @query
SELECT nextval('v');
-- @query
INSERT INTO s VALUES (1);
-- @query
TRUNCATE v;
-- @query
ALTER SEQUENCE v RESTART;
-- @query
DROP VIEW s;
