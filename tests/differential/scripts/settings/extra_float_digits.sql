SET extra_float_digits = 3;
-- @query
SELECT 0.1::float8, pi();
-- @query
SET extra_float_digits = -15;
-- @query
SELECT 0.1::float8, pi();
-- @query
SET extra_float_digits = 99;
