SET lc_monetary = 'C';
-- @query
SELECT 12.34::money, '-5'::money, 12.34::money * 2, sum(m) FROM (VALUES (1::money), (2.5::money)) AS v(m);
