SELECT 32768::smallint;
-- @query
SELECT 1e10::int;
-- @query
SELECT power(10, 400)::numeric(3), 1;
-- @query
SELECT sqrt(-1);
-- @query
SELECT ln(0);
-- @query
SELECT factorial(-1);
