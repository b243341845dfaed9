LISTEN many;
-- @query
SELECT count(pg_notify('many', g::text)) FROM generate_series(1, 300) AS g;
-- @query
SELECT 'end';
