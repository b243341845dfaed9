PREPARE p (int, text) AS SELECT $1 + 1, $2 || '!';
-- @query
EXECUTE p(1, 'a');
-- @query
EXECUTE p(2, NULL);
-- @query
EXECUTE p(1);
-- @query
EXECUTE p('x', 'y');
-- @query
EXECUTE p(1, 2);
-- @query
PREPARE q AS SELECT $1, $2::int;
-- @query
EXECUTE q('untyped', '5');
-- @query
PREPARE r AS SELECT $1 + $2;
