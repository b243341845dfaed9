SET search_path = pg_catalog;
-- @query
CREATE TABLE t (x int);
-- @query
SHOW search_path;
-- @query
SELECT current_schema();
-- @query
RESET search_path;
-- @query
SELECT current_schema();
