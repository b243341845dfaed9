CREATE SCHEMA side; CREATE TABLE side.t (x int); INSERT INTO side.t VALUES (7);
-- @query
SET search_path = side, public;
-- @query
SELECT x FROM t;
-- @query
SELECT current_schemas(false);
-- @query
SET search_path = nowhere;
-- @query
SELECT x FROM t;
-- @query
SET search_path = '';
-- @query
SELECT current_schema();
