SELECT '{"b":1, "a":[1,2,null]}'::json, '{"b":1, "a":[1,2,null], "b":2}'::jsonb, 'null'::jsonb, '"text"'::jsonb;
-- @query
SELECT j->'a', j->>'b', j#>'{a,1}', j @> '{"b":1}', j ? 'c', jsonb_pretty(j) FROM (SELECT '{"b":1,"a":[1,2]}'::jsonb AS j) AS s;
-- @query
SELECT '{"open"'::json;
-- @query
SELECT jsonb_path_query('{"a":[1,2,3]}', '$.a[*] ? (@ > 1)');
