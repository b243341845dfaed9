CREATE FUNCTION f() RETURNS text LANGUAGE sql SET work_mem = '123kB' AS 'SELECT current_setting(''work_mem'')';
-- @query
SELECT f(), current_setting('work_mem');
-- @query
CREATE FUNCTION g() RETURNS text LANGUAGE plpgsql AS $$ BEGIN SET work_mem = '321kB'; RETURN current_setting('work_mem'); END $$;
-- @query
SELECT g();
-- @query
SHOW work_mem;
