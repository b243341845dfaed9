SELECT 0.1::float4, 0.1::float8, 1e-300::float8, 'Infinity'::float8, '-Infinity'::float4, 'NaN'::float8;
-- @query
SET extra_float_digits = 0;
-- @query
SELECT 0.1::float4 + 0.2::float4, 0.1::float8 + 0.2::float8, 1.0 / 3::float8;
-- @query
SELECT 1e400::float8;
