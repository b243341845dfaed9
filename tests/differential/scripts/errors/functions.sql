SELECT substring('abc' FROM -1 FOR -1);
-- @query
SELECT to_number('x', '99');
-- @query
SELECT to_date('2024-99-99', 'YYYY-MM-DD');
-- @query
SELECT chr(0);
-- @query
SELECT repeat('x', -1), lpad('x', -1, 'y');
-- @query
SELECT regexp_replace('a', '(', 'b');
-- @query
SELECT array_fill(1, ARRAY[-1]);
