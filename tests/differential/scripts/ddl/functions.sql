CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
-- @query
SELECT add(1, 2);
-- @query
CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 10) RETURNS int LANGUAGE sql AS $$ SELECT $1 - $2 $$;
-- @query
SELECT add(1), add(b => 1, a => 5);
-- @query
CREATE OR REPLACE FUNCTION add(a int, b int) RETURNS text LANGUAGE sql AS 'SELECT ''x''';
-- @query
SELECT add('x');
-- @query
SELECT add(1, 2, 3);
-- @query
DROP FUNCTION add;
-- @query
CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS 'SELECT no_such_column';
