SELECT CAST('42' AS int), '42'::text::int, 42::text, 3.7::int, 't'::boolean::int;
-- @query
SELECT 'x'::int;
-- @query
SELECT '2024-01-01'::date::timestamp, 1::bit(4), 'a'::text::char(3) || '|';
