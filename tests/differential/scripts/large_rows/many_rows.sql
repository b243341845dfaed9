SELECT g FROM generate_series(1, 20000) AS g;
-- @query
SELECT count(*) FROM generate_series(1, 20000);
