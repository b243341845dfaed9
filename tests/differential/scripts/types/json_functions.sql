SELECT json_agg(x), jsonb_object_agg(x, x * 2) FROM generate_series(1, 3) AS x;
-- @query
SELECT * FROM json_to_recordset('[{"a":1,"b":"x"},{"a":2}]') AS r(a int, b text);
-- @query
SELECT key, value FROM jsonb_each('{"x":1,"y":{"z":2}}') ORDER BY key;
-- @query
SELECT jsonb_set('{"a":1}', '{b}', '2', true), '{"a":1,"b":2}'::jsonb - 'a', to_jsonb(ROW(1,'x'));
