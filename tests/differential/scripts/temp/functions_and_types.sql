CREATE TYPE pg_temp.pair AS (a int, b int);
-- @query
SELECT (1, 2)::pg_temp.pair;
-- @query
CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 42';
-- @query
SELECT pg_temp.f();
