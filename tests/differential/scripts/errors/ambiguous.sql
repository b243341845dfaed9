SELECT x FROM (SELECT 1 AS x) a, (SELECT 2 AS x) b;
-- @query
SELECT '1' + '2' || 3;
-- @query
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(bigint) RETURNS int LANGUAGE sql AS 'SELECT 2'; DROP FUNCTION f;
-- @query
SELECT f(1.5);
