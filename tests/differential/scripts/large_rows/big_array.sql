SELECT array_agg(g) FROM generate_series(1, 20000) AS g;
-- @query
SELECT json_agg(g) FROM generate_series(1, 20000) AS g;
