SELECT * FROM unnest(ARRAY[1,2], ARRAY['a','b','c']) WITH ORDINALITY;
-- @query
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(5, 7)) AS r(a, b);
-- @query
SELECT regexp_matches('a1b22', '(\d+)', 'g'), string_to_table('x,y', ',');
-- @query
SELECT generate_series(1, 3), generate_series(1, 2);
