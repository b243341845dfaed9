SELECT int4range(1, 5), '[1,5]'::int4range, 'empty'::numrange, daterange('2024-01-01', NULL), int4range(1,5) * int4range(3,9);
-- @query
SELECT '{[1,3),[5,7)}'::int4multirange, range_agg(r) FROM (VALUES (int4range(1,3)), (int4range(2,5))) AS v(r);
-- @query
SELECT int4range(5, 1);
