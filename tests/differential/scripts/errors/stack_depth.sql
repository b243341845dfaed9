CREATE FUNCTION deep(n int) RETURNS int LANGUAGE sql AS 'SELECT CASE WHEN n = 0 THEN 0 ELSE 1 END';
-- @query
SELECT deep(3);
-- @query
SET max_stack_depth = '100kB';
-- @query
SET max_stack_depth = 100;
-- @query
SHOW max_stack_depth;
