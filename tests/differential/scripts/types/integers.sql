SELECT 1::smallint, -32768::smallint, 2147483647::int, -9223372036854775808::bigint;
-- @query
SELECT 7 / 2, -7 / 2, 7 % -3, 2 ^ 10, |/ 16, @ -5, 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 256 >> 2;
-- @query
SELECT 2147483647 + 1;
-- @query
SELECT 2147483647::bigint + 1;
