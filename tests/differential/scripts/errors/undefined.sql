SELECT * FROM no_such_table;
-- @query
SELECT no_such_function(1);
-- @query
SELECT 1 AS x ORDER BY y;
-- @query
SELECT t.x FROM (SELECT 1 AS y) AS t;
-- @query
SELECT no_such_schema.f();
-- @query
SELECT 1::no_such_type;
-- @query
SET no_such_setting = 1;
-- @query
SELECT * FROM pg_clas;
-- @query
SELECT relnam FROM pg_class;
