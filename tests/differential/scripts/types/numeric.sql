SELECT 0.1 + 0.2, 1e30::numeric, 12345678901234567890.123456789::numeric(40,10), 'NaN'::numeric;
-- @query
SELECT round(2.5), round(-2.5), trunc(2.567, 2), 10.0 / 3, 1::numeric(5,2), 'Infinity'::numeric;
-- @query
SELECT 123456::numeric(5,2);
