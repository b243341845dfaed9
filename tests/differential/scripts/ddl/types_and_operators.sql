CREATE TYPE c AS (re float8, im float8);
CREATE FUNCTION add(c, c) RETURNS c LANGUAGE sql AS 'SELECT ($1.re + $2.re, $1.im + $2.im)::c';
CREATE OPERATOR + (LEFTARG = c, RIGHTARG = c, FUNCTION = add);
-- @query
SELECT (1,2)::c + (3,4)::c;
-- @query
CREATE AGGREGATE total(c) (SFUNC = add, STYPE = c, INITCOND = '(0,0)');
-- @query
SELECT total(v) FROM (VALUES ((1,1)::c), ((2,3)::c)) AS t(v);
-- @query
DROP TYPE c;
