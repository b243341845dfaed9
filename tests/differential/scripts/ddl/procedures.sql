CREATE TABLE t (x int);
CREATE PROCEDURE fill(n int) LANGUAGE sql AS 'INSERT INTO t SELECT generate_series(1, n)';
-- @query
CALL fill(3);
-- @query
SELECT count(*) FROM t;
-- @query
CREATE PROCEDURE twice(INOUT x int) LANGUAGE plpgsql AS $$ BEGIN x := x * 2; END $$;
-- @query
CALL twice(21);
-- @query
SELECT fill(1);
