-- @startup search_path pg_catalog
SHOW search_path;
-- @query
SELECT current_schema();
-- @query
SET search_path = public;
-- @query
SHOW search_path;
