CREATE TEMP VIEW v AS SELECT 1 AS x;
-- @query
SELECT * FROM v;
-- @query
CREATE TEMP SEQUENCE s;
-- @query
SELECT nextval('s');
-- @query
SELECT nextval('s');
